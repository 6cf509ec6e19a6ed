#pragma once

#include "absl/status/status.h"
#include "db/postgres.h"
#include "db/rollup_portion.h"

namespace auscult::db {

// Hourly and daily rollups of the readings of an asset (`owner.point_id` 0), made by the database.
absl::Status RollReadingHours(Connection& connection, const RollupOwner& owner, RollSpan span);
absl::Status RollReadingDays(Connection& connection, const RollupOwner& owner, RollSpan days);

}  // namespace auscult::db
