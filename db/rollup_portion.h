#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "db/rollup_row.h"

namespace auscult::db {

// The steps of rolling, each inside the transaction that holds the row of the point.

struct RollSpan {
  int64_t start_us = 0, end_us = 0;  // whole hours, end exclusive
};

// The first hours of `span` that hold about as many records as one portion takes; at least one
// hour. `owner.point_id` 0: readings.
absl::StatusOr<RollSpan> FirstPortion(Connection& connection, const RollupOwner& owner,
                                      RollSpan span);

// Makes the hourly rollups of the span anew from what is stored. An hour that holds fewer records
// than its rollup counts has lost them to retention and is left as it is.
absl::Status RollHours(Connection& connection, const RollupOwner& owner, RollSpan span);

// Makes the daily rollups of whole days anew from the hourly ones, by the same rule.
absl::Status RollDays(Connection& connection, const RollupOwner& owner, RollSpan days);

}  // namespace auscult::db
