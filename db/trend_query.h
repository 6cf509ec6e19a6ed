#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "db/trend_series.h"
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

struct TrendOptions {
  Period period;
  int max_points = 1000;
  TrendResolution resolution = TrendResolution::kChosen;
  Decimation decimation = Decimation::kExtremes;
  // What this re-scoring saw and found, 0: what counts.
  int64_t run = 0;
};

// Reads selections of a point, in their order. Records that lack a value (NULL, NaN, another
// feature set) are left out of it. Comes from the coarsest rollups that still have a value for each
// of `max_points`, where they are made, and from the records elsewhere; from the records alone if
// there are no more than `max_points`, or for a re-scoring. Whatever is read at once is of one
// point in time but for hours that become due meanwhile.
absl::StatusOr<std::vector<TrendSeries>> QueryPointTrends(
    Connection& connection, int64_t asset_id, int64_t point_id,
    std::span<const TrendSelection> selections, const TrendOptions& options);

// The same for process values of an asset.
absl::StatusOr<std::vector<TrendSeries>> QueryReadings(Connection& connection, int64_t asset_id,
                                                       std::span<const std::string> quantities,
                                                       const TrendOptions& options);

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
