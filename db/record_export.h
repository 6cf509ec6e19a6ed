#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"
#include "db/trend_query.h"
#include "features/feature_set.h"
#include "models/health.h"

namespace auscult::db {

// A stored record as it is: its features in the set they were extracted with, and the score that
// counts.
struct ExportRow {
  int64_t measured_at_us = 0;
  features::FeatureVector features;  // channel_count 0 where the set is not known
  bool scored = false;
  models::Health health;  // condition, index, severity, zone, verdict and confidence alone
};

// Reads all records of a point in time order, some hundred at a time.
class RecordExport {
 public:
  RecordExport(PointKey point, Period period) : point_(point), period_(period) {}

  // The next records; none where there are no more.
  absl::StatusOr<std::vector<ExportRow>> Next(Connection& connection);

 private:
  const PointKey point_;
  Period period_;  // of what is left
};

}  // namespace auscult::db
