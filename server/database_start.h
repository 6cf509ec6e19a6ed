#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/config.h"

namespace auscult::server {

// Makes the database at `conninfo` ready: looks whether the server may use it, brings its schema up
// to date, makes partitions ahead. Errors of a database that is not the embedded one say what to
// do.
absl::Status PrepareDatabase(const Config& config, const std::string& conninfo);

}  // namespace auscult::server
