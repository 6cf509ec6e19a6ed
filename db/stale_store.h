#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"
#include "db/trend_query.h"

namespace auscult::db {

// Why results are stale. Stored, as auscult.v1.StaleReason: never reuse a number.
enum class StaleReason : int16_t {
  kMachine = 1,
  kLimits = 2,
  kModel = 3,
  kBaseline = 4,
  kFeatureSet = 5
};

// What the results of a point were judged by until now, and what they would be from now on: any
// text that differs where the results may.
struct StaleChange {
  PointKey point;
  std::string before, now;
};

// The points of an asset, in ascending order.
absl::StatusOr<std::vector<PointKey>> PointsOfAsset(Connection& connection, int64_t asset_id);

// Marks what the points have been judged by otherwise, in the transaction of the change; nothing
// where a point has no record. A point has one open mark for each reason: a further change extends
// it, and what is judged as it was again is taken out of it. `detail` says what changed.
absl::Status MarkStale(Connection& connection, StaleReason reason,
                       std::span<const StaleChange> changes, std::string_view detail);
// The same for every point there is.
absl::Status MarkAllStale(Connection& connection, StaleReason reason, const std::string& before,
                          const std::string& now, std::string_view detail);
// The point is judged by baseline `version` from now on (0: it learns): what counts, was measured
// after it began to learn and was judged by another one.
absl::Status MarkBaselineStale(Connection& connection, PointKey point, int version);

// A mark, with what is stored of its records.
struct StaleResult {
  int64_t asset_id = 0, point_id = 0, stale_id = 0;
  std::string asset, point;  // slugs
  StaleReason reason = StaleReason::kMachine;
  std::string detail;
  Period period;  // of records that are there, the end exclusive
  int64_t record_count = 0, records_with_samples = 0;
  int64_t change_time_us = 0;
};
// Where a page starts: after this.
struct StaleCursor {
  int64_t asset_id = 0, point_id = 0, stale_id = 0;
};
// Open marks of a site (0: of all) that records remain of, in the order of the cursor.
absl::StatusOr<std::vector<StaleResult>> ListStaleMarks(Connection& connection, int64_t site_id,
                                                        const StaleCursor& after, int limit);
// Points of a site (0: of all) whose first records were extracted by an older feature set than the
// newest of their signal, as far as that goes, in the order of asset and point.
absl::StatusOr<std::vector<StaleResult>> ListOldFeatures(Connection& connection, int64_t site_id,
                                                         const StaleCursor& after, int limit);

// From the first to the last record of the point whose features another machine was the reason of;
// nothing where there is none.
absl::StatusOr<std::optional<Period>> StaleMachinePeriod(Connection& connection, PointKey point);

// What is stale of each point, from the first to the last of such records. Without `from_samples`
// what stored features can make good alone.
absl::StatusOr<std::map<PointKey, Period>> StalePeriods(Connection& connection, bool from_samples);

}  // namespace auscult::db
