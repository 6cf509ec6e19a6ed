#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"

namespace auscult::db {

// Hourly and daily rollups (UTC) of records and readings. Those of hours before
// point_state.rolled_to (process_state.rolled_to for readings) are complete, but for the hours in
// rollup_due; a day has its row once all its hours lie before rolled_to. Every writer locks the row
// of its point (asset) first. Who rolls ahead of rolled_to holds it too. Who rolls an hour that is
// due reads the records of a point without it, for they may be any number, and then holds it to
// store what it made if the hour did not become due anew meanwhile. So what comes late is either
// seen or makes its hour due.

inline constexpr int64_t kHourUs = 3'600'000'000;
inline constexpr int64_t kDayUs = 24 * kHourUs;

// The start of the period that an instant from 1970 on falls into.
constexpr int64_t HourOf(int64_t us) { return us - us % kHourUs; }
constexpr int64_t DayOf(int64_t us) { return us - us % kDayUs; }

// Makes the partitions that rollups go to. Remembers what exists. Thread-safe.
class RollupPartitions {
 public:
  // Of rollups that start in [start_us, end_us). Must not run inside a transaction.
  absl::Status EnsureFor(Connection& connection, int64_t start_us, int64_t end_us);
  // For when a partition turned out to be gone.
  void Forget();

 private:
  std::mutex mutex_;
  std::set<int> known_years_;
};

// Points that have whole hours to roll or hours that are due; with point_id 0, assets for their
// readings. At most `limit` of each kind.
absl::StatusOr<std::vector<PointKey>> ListPointsToRoll(Connection& connection, int limit);

// Rolls one portion of what a point, or with point_id 0 the readings of an asset, has to roll, or
// makes a dense hour due, which is a portion of its own. A writer of the point waits for
// milliseconds. True if there may be more at once; false also if somebody else is at it. An hour
// whose records went by retention keeps its rollup.
absl::StatusOr<bool> RollPortion(Connection& connection, RollupPartitions& partitions,
                                 PointKey key);

// Ends an INSERT INTO rollup_due of hours of points: a row that is there gets a new version (xmin),
// by which whoever has read the hour's records sees that they are not all.
#define BECOMES_DUE_ANEW \
  "ON CONFLICT (asset_id, point_id, hour) DO UPDATE SET site_id = excluded.site_id"

// Makes hours of a point due, also anew, inside the caller's transaction, which holds the row of
// the point.
absl::Status MakeHoursDue(Connection& connection, PointKey key, int64_t site_id,
                          const std::set<int64_t>& hours_us);

}  // namespace auscult::db
