#pragma once

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::server {

// Begins the re-scorings whose time has come by the database's clock, and those that waited for the
// one before. Any number of servers may ask at once: each time is taken by one of them. What keeps
// a run from beginning is noted in its history. Returns how many began.
absl::StatusOr<int> BeginDueRescores(db::Connection& connection);

}  // namespace auscult::server
