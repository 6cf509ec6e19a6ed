#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "db/rollup_row.h"

namespace auscult::db {

// The steps of rolling.

struct RollSpan {
  int64_t start_us = 0, end_us = 0;  // whole hours, end exclusive
};

struct RollPart {
  RollSpan span;
  // One hour of more records than are read while writers of the point wait.
  bool dense = false;
};

// The first hours of `span` that hold about as many records as one portion takes; at least one
// hour. `owner.point_id` 0: readings, which are never dense.
absl::StatusOr<RollPart> FirstPart(Connection& connection, const RollupOwner& owner, RollSpan span);

// By start and feature set.
using Rollups = std::map<std::pair<int64_t, int16_t>, RollupRow>;

// The hourly rollups of the span, made from what is stored of a point. None of readings: the
// database makes those when they are stored.
absl::StatusOr<Rollups> MakeHours(Connection& connection, const RollupOwner& owner, RollSpan span);

// Puts `hours`, all that was made of the span, in the place of what is stored of it. An hour that
// holds fewer records than its rollup counts has lost them to retention and is left as it is.
// Inside a transaction that holds the row of the point, as the next.
absl::Status StoreHours(Connection& connection, const RollupOwner& owner, RollSpan span,
                        const Rollups& hours);

// Makes the daily rollups of whole days anew from the hourly ones, by the same rule.
absl::Status RollDays(Connection& connection, const RollupOwner& owner, RollSpan days);

}  // namespace auscult::db
