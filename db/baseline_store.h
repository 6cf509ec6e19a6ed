#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "features/feature_set.h"
#include "models/baseline.h"
#include "models/learning.h"

namespace auscult::db {

// The latest `limit` records up to and with `until_us` that may be learnt from: not unscorable, not
// stopped, not late, of the feature set and length of `like`.
absl::StatusOr<models::LearningWindow> ReadLearningWindow(Connection& connection, int64_t asset_id,
                                                          int64_t point_id, int64_t until_us,
                                                          int limit,
                                                          const features::FeatureVector& like);

// Stores `baseline` as the next version of the point and answers that version. The caller holds the
// point's state row.
absl::StatusOr<int> InsertBaseline(Connection& connection, int64_t site_id, int64_t asset_id,
                                   int64_t point_id, const models::Baseline& baseline,
                                   const models::LearningWindow& window);

// NOT_FOUND, or DATA_LOSS for one that cannot be trusted.
absl::StatusOr<models::Baseline> LoadBaseline(Connection& connection, int64_t asset_id,
                                              int64_t point_id, int version);

}  // namespace auscult::db
