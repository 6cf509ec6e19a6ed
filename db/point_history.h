#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "db/trend_query.h"
#include "features/feature_set.h"

namespace auscult::db {

// What was measured at a point, as scoring takes it.
struct MeasuredRecord {
  int64_t measured_at_us = 0;
  features::FeatureVector features;  // of the newest set of its signal
  int16_t stored_set_id = 0;         // with which it is stored
};

// Reads the stored records of a point in time order, some hundred at a time, so that years of them
// need no more memory than a day. Records of a feature set that this release does not know are left
// out.
class PointHistory {
 public:
  PointHistory(int64_t asset_id, int64_t point_id, Period period)
      : asset_id_(asset_id), point_id_(point_id), period_(period) {}

  // The next records; none where there are no more.
  absl::StatusOr<std::vector<MeasuredRecord>> Next(Connection& connection);

 private:
  const int64_t asset_id_, point_id_;
  Period period_;  // of what is left
};

}  // namespace auscult::db
