#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// A point is stale when its last record is older than its stale_after_s; 0 there means this.
inline constexpr int64_t kDefaultStaleAfterS = 3ll * 86400;

// Opens a missing-data case for each point that has been silent for longer than it may: its last
// record was measured, and came, before that. None for a point that never had a record, and none
// whose machine stood still in the last one. The next record closes it. Answers how many points
// were found; 0 also where another server is at it just now.
absl::StatusOr<int64_t> OpenMissingDataCases(Connection& connection);

}  // namespace auscult::db
