#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "db/postgres.h"

namespace auscult::db {

// Makes the partitions of every partitioned table that cover now .. now + `months_ahead` months:
// raw by ISO week, the rest by month, UTC. Idempotent, safe on several servers at once.
absl::Status MakePartitionsAhead(Connection& connection, int months_ahead);

// Makes the partitions that the given instants fall into, where they are missing: for old records
// that are replayed. Remembers what exists in `known`, so that the usual call costs nothing. Must
// not run inside a transaction.
class PartitionCache {
 public:
  absl::Status EnsureFor(Connection& connection, const std::vector<int64_t>& measured_at_us);

 private:
  std::vector<int64_t> known_months_;
  std::vector<int64_t> known_weeks_;
};

// Deletes raw samples that were kept for being recent and are older than `recent_s`; drops weeks
// that are empty and past. Returns how many records were thinned.
absl::StatusOr<int64_t> ThinWaveforms(Connection& connection, int64_t recent_s);

}  // namespace auscult::db
