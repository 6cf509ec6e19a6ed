#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"
#include "models/baseline.h"
#include "models/learning.h"

namespace auscult::db {

// What people do to that which a point has learnt. Each runs inside the caller's transaction, locks
// the state rows as every writer of records does, and forgets a state that cannot be trusted: a
// damaged point is healed by it. Old baselines stay, versions go on. `why` is one sentence for
// people; it becomes the summary of the point, and of the change of its condition.

// The points learn anew, with the records after `since_us` alone; those that are stored already
// count. `since_us` nullopt: after the latest record of each point. Points that do not exist are
// passed over.
absl::Status RestartLearning(Connection& connection, std::span<const PointKey> points,
                             std::optional<int64_t> since_us, std::string_view why);

// The same for the process readings of an asset, which learn from those to come after `since_us`.
absl::Status RestartProcessLearning(Connection& connection, int64_t asset_id, int64_t since_us,
                                    std::string_view why);

// Stores `baseline`, learnt from `window`, as the next version, and lets it judge from the next
// record on. NOT_FOUND if the point does not exist.
absl::StatusOr<int> AdoptBaseline(Connection& connection, PointKey point,
                                  const models::Baseline& baseline,
                                  const models::LearningWindow& window, std::string_view why);

// Lets a stored version judge from the next record on; nothing changes where it does already.
// NOT_FOUND if there is no such point or version. The caller has made sure that the version can be
// trusted and fits the point.
absl::Status ActivateBaseline(Connection& connection, PointKey point, int version,
                              std::string_view why);

}  // namespace auscult::db
