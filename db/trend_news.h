#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "absl/status/statusor.h"
#include "db/point_row.h"
#include "db/postgres.h"

namespace auscult::db {

// When the newest record of each point was measured. Points without records, or that are gone, are
// left out. Writers of a point queue at its row: whatever is newer than what was answered once is
// answered later.
absl::StatusOr<std::map<PointKey, int64_t>> LastMeasured(Connection& connection,
                                                         std::span<const PointKey> keys);

// The time of the last of the first `limit` records after `after_us` (unset: of all), at most
// `last_us`, which is the time of a record.
absl::StatusOr<int64_t> EndOfPortion(Connection& connection, PointKey key,
                                     std::optional<int64_t> after_us, int64_t last_us, int limit);

}  // namespace auscult::db
