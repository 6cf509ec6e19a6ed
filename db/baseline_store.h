#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "features/feature_set.h"
#include "models/baseline.h"

namespace auscult::db {

// Good records of one point in measured_at order, to learn from.
struct LearningWindow {
  std::vector<features::FeatureVector> records;
  std::vector<int64_t> measured_at_us;
};

// The latest `limit` records up to and with `until_us` that may be learnt from: not unscorable, not
// stopped, not late, of the feature set and length of `like`.
absl::StatusOr<LearningWindow> ReadLearningWindow(Connection& connection, int64_t asset_id,
                                                  int64_t point_id, int64_t until_us, int limit,
                                                  const features::FeatureVector& like);

// Stores `baseline` as the next version of the point and answers that version. The caller holds the
// point's state row.
absl::StatusOr<int> InsertBaseline(Connection& connection, int64_t site_id, int64_t asset_id,
                                   int64_t point_id, const models::Baseline& baseline,
                                   const LearningWindow& window);

// NOT_FOUND, or DATA_LOSS for one that cannot be trusted.
absl::StatusOr<models::Baseline> LoadBaseline(Connection& connection, int64_t asset_id,
                                              int64_t point_id, int version);

}  // namespace auscult::db
