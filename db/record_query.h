#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"
#include "features/feature_set.h"
#include "features/machine.h"

namespace auscult::db {

// The features of a stored record, in the newest set of their signal.
struct StoredFeatures {
  int64_t measured_at_us = 0;
  features::FeatureVector features;
};

// The record measured at `at_us`; nullopt: the latest one, with `judged` the latest that is neither
// unscorable nor of a machine that stood still. NOT_FOUND if there is none, DATA_LOSS for features
// that fit no feature set.
absl::StatusOr<StoredFeatures> ReadRecord(Connection& connection, PointKey point,
                                          std::optional<int64_t> at_us, bool judged = false);

// What was said of a record when it was scored, by the newest version of the baseline; severity NaN
// and detail "" where nothing is stored. `detail` is JSON (db/health_detail.h), of a record that
// says nothing only while it is the latest.
struct StoredScore {
  float severity = features::kNotKnown;
  std::string detail;
};
absl::StatusOr<StoredScore> ReadScore(Connection& connection, PointKey point, int64_t at_us);

}  // namespace auscult::db
