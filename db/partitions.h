#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <span>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// Instants outside are refused: a clock that was never set says 1970 or 1980, and partitions are
// made on demand.
inline constexpr int64_t kEarliestUs = 631152000000000;  // 1990-01-01
inline constexpr int64_t kLatestUs = 4102444800000000;   // 2100-01-01, exclusive

// Makes the partitions of every partitioned table that cover now .. now + `months_ahead` months:
// raw by ISO week, rollups by year, the rest by month, UTC. Idempotent, safe on several servers at
// once.
absl::Status MakePartitionsAhead(Connection& connection, int months_ahead);

// Makes the partitions that given instants fall into, where they are missing: for old records that
// are replayed. Remembers what exists, so that the usual call costs nothing. Thread-safe.
class PartitionCache {
 public:
  // `measured_at_us` of trends, scores, events and readings, `raw_measured_at_us` of raw samples;
  // all in kEarliestUs .. kLatestUs. Must not run inside a transaction, or it would hold the locks
  // of partition making until that ends.
  absl::Status EnsureFor(Connection& connection, std::span<const int64_t> measured_at_us,
                         std::span<const int64_t> raw_measured_at_us = {});
  // For when a partition turned out to be gone: another server dropped it.
  void Forget();

 private:
  std::mutex mutex_;
  std::set<int64_t> known_months_;  // counted from January of year 0
  std::set<int64_t> known_weeks_;   // counted from the Monday before 1970
};

// Deletes raw samples that were kept for being recent and are older than `recent_s`; drops weeks
// that are empty and past. Returns how many records were thinned. Must not run inside a
// transaction.
absl::StatusOr<int64_t> ThinWaveforms(Connection& connection, int64_t recent_s);

}  // namespace auscult::db
