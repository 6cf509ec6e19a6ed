#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "features/feature_set.h"

namespace auscult::db {

// What to read of a point: of features, that which stands at `feature` in every set of `signal`
// that is long enough.
struct TrendSelection {
  enum class Kind { kHealth, kSeverity, kFeature };
  Kind kind = Kind::kHealth;
  features::Signal signal = features::Signal::kVibration;
  int channel = 0;
  int feature = 0;
};

// Parallel arrays, oldest first; min and max are empty unless the server decimated.
struct TrendSeries {
  std::vector<int64_t> time_us;
  std::vector<float> value, min, max;
  int64_t record_count = 0;
};

struct Period {
  int64_t start_us = 0;
  int64_t end_us = 0;  // exclusive
};

// Reads one selection. Records that lack the value (NULL, NaN, another feature set) are left out.
// With more than `max_points` records, at most that many buckets of equal duration with mean, min
// and max, made in the database; the time of a bucket is the mean of its records'. Health and
// severity come from the newest model version of each record.
absl::StatusOr<TrendSeries> QueryPointTrend(Connection& connection, int64_t asset_id,
                                            int64_t point_id, const TrendSelection& selection,
                                            Period period, int max_points);

// The same for a process value of an asset.
absl::StatusOr<TrendSeries> QueryReadings(Connection& connection, int64_t asset_id,
                                          const std::string& quantity, Period period,
                                          int max_points);

// Names of the readings an asset has, sorted.
absl::StatusOr<std::vector<std::string>> ListReadingQuantities(Connection& connection,
                                                               int64_t asset_id);

struct ConditionEvent {
  int64_t measured_at_us = 0;
  int from_condition = 0, to_condition = 0, verdict = 0;
  std::string summary;
};
// Newest first.
absl::StatusOr<std::vector<ConditionEvent>> QueryEvents(Connection& connection, int64_t asset_id,
                                                        int64_t point_id, Period period, int limit);

}  // namespace auscult::db
