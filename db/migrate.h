#pragma once

#include "absl/status/status.h"
#include "db/postgres.h"

namespace auscult::db {

// Number of the newest migration this program knows.
int LatestSchemaVersion();

// Brings the database to LatestSchemaVersion: an empty one by schema.sql, an older one by the
// missing migrations in order, each in a transaction of its own. One at a time over all servers, by
// an advisory lock. FAILED_PRECONDITION if the database is newer than this program, or is not one
// of ours.
absl::Status Migrate(Connection& connection);

// The same for an empty database by migrations alone; for the test that compares the two.
absl::Status MigrateStepwise(Connection& connection);

// Refuses (FAILED_PRECONDITION) a server older than 15, a login that row-level security holds for
// or that cannot become auscult_call, and a server where fsync, full_page_writes or
// synchronous_commit is off, for an acknowledged record would not be durable there. `allow_unsafe`
// is for tests.
absl::Status CheckServer(Connection& connection, bool allow_unsafe);

}  // namespace auscult::db
