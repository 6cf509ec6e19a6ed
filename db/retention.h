#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// What a run of retention took away.
struct Removed {
  int64_t rows = 0;  // in portions; those of dropped partitions are not counted
  int partitions = 0;
};

// Takes away what is older than the policies keep (table retention_policy): partitions that lie
// wholly before what the longest policy keeps are dropped, rows are deleted in portions where an
// asset keeps less. Rows that no rollup holds yet stay, and raw samples that are recent, measured
// within the last `recent_raw_s`. Stops nobody who writes: where a partition cannot be locked
// within two seconds, it is left to the next run. Ends early, between two portions, once `go_on`
// says no. Safe on several servers at once. Must not run inside a transaction.
absl::StatusOr<Removed> ApplyRetention(Connection& connection, int64_t recent_raw_s,
                                       const std::function<bool()>& go_on);

}  // namespace auscult::db
