#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/embedded_postgres.h"

namespace auscult::server {

// Copies the embedded cluster of the auscultd that runs on `options.data_dir`, as it is at one
// instant, into `folder`, with PostgreSQL's own pg_basebackup; reads the copy back and compares it
// with its checksums. Everything that was acknowledged before the call is in it. Nobody waits for
// it. FAILED_PRECONDITION: no auscultd runs there, `folder` holds something, or the copy failed;
// nothing is left in `folder` then.
absl::Status BackUp(const EmbeddedPostgresOptions& options, const std::string& folder);

// Makes the data folder of what BackUp left in `folder`, for an auscultd to be started on. The
// backup stays. FAILED_PRECONDITION: the data folder holds something, `folder` is no backup, or it
// does not agree with its checksums; nothing is left in the data folder then.
absl::Status Restore(const EmbeddedPostgresOptions& options, const std::string& folder);

}  // namespace auscult::server
