#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"
#include "features/feature_set.h"
#include "models/baseline.h"
#include "models/learning.h"

namespace auscult::db {

// Records measured after `after_us`, up to and with `until_us`: of those the latest `limit`.
struct LearningPeriod {
  int64_t after_us = std::numeric_limits<int64_t>::min();
  int64_t until_us = std::numeric_limits<int64_t>::max();
  int limit = 0;
  // Whether records count that came after newer ones: not while the point learns by itself.
  bool with_late = false;
};

// The records of the period that may be learnt from, oldest first: not unscorable, not stopped, of
// the signal of the feature set `set_id` and of `channel_count` channels.
absl::StatusOr<models::LearningWindow> ReadLearningWindow(Connection& connection, PointKey point,
                                                          const LearningPeriod& period,
                                                          int16_t set_id, int channel_count);

// How many records the point may learn from by itself after `after_us`, at most `limit`.
absl::StatusOr<int> CountLearnable(Connection& connection, PointKey point, int64_t after_us,
                                   int limit);

// Stores `baseline` as the next version of the point and answers that version. The caller holds the
// point's state row. `origin` "" finds out what began the learning: "first", "after maintenance" or
// "asked for".
absl::StatusOr<int> InsertBaseline(Connection& connection, PointKey point,
                                   const models::Baseline& baseline,
                                   const models::LearningWindow& window, std::string_view origin);

// NOT_FOUND, or DATA_LOSS for one that cannot be trusted.
absl::StatusOr<models::Baseline> LoadBaseline(Connection& connection, int64_t asset_id,
                                              int64_t point_id, int version);

// The version that judges the point; 0 while it learns, or where there is no such point.
absl::StatusOr<int> ActiveVersion(Connection& connection, PointKey point);

// A stored version without its model.
struct BaselineVersion {
  int version = 0;
  int16_t set_id = 0;
  int64_t learnt_from_us = 0, learnt_to_us = 0, create_time_us = 0;
  std::string origin;
};

// Latest version first; those below `before_version`, 0 = all.
absl::StatusOr<std::vector<BaselineVersion>> ListBaselines(Connection& connection, PointKey point,
                                                           int before_version, int limit);
// NOT_FOUND if there is no such version.
absl::StatusOr<BaselineVersion> GetBaseline(Connection& connection, PointKey point, int version);

}  // namespace auscult::db
