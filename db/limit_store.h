#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"

namespace auscult::db {

// Limits that people set for the features of a point, as JSON whose meaning belongs to the server.
struct LimitsRow {
  std::string limits = "{}";
  int64_t update_time_us = 0;  // 0: never set
  int64_t revision = 0;
};

// A row of revision 0 where none were set.
absl::StatusOr<LimitsRow> GetLimits(Connection& connection, PointKey point);

// The same, held until the transaction ends, so that what is put next is put on what was read.
// NOT_FOUND if the point does not exist.
absl::StatusOr<LimitsRow> LockLimits(Connection& connection, PointKey point);

// Replaces them all.
absl::StatusOr<LimitsRow> PutLimits(Connection& connection, PointKey point,
                                    const std::string& limits);

}  // namespace auscult::db
