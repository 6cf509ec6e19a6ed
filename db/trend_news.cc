#include "db/trend_news.h"

#include <vector>

#include "db/partitions.h"

namespace auscult::db {

absl::StatusOr<std::map<PointKey, int64_t>> LastMeasured(Connection& connection,
                                                         std::span<const PointKey> keys) {
  std::map<PointKey, int64_t> last;
  if (keys.empty()) return last;
  std::vector<Param> assets, points;
  for (const auto& [asset_id, point_id] : keys) {
    assets.push_back(Int(asset_id));
    points.push_back(Int(point_id));
  }
  const Param values[] = {Array(assets), Array(points)};
  const auto rows = connection.QueryBinary(
      "SELECT asset_id, point_id, last_measured_at"
      " FROM unnest($1::bigint[], $2::bigint[]) AS key (asset_id, point_id)"
      " JOIN point_state USING (asset_id, point_id) WHERE last_measured_at IS NOT NULL",
      values);
  if (!rows.ok()) return rows.status();
  for (int row = 0; row < rows->count(); ++row) {
    last[{rows->Int64(row, 0), rows->Int64(row, 1)}] = rows->TimeUs(row, 2);
  }
  return last;
}

absl::StatusOr<int64_t> EndOfPortion(Connection& connection, PointKey key,
                                     std::optional<int64_t> after_us, int64_t last_us, int limit) {
  const Param values[] = {Int(key.first), Int(key.second), TimeUs(after_us.value_or(kEarliestUs)),
                          TimeUs(last_us), Int(limit - 1)};
  const auto rows = connection.QueryBinary(
      "SELECT measured_at FROM trend WHERE asset_id = $1 AND point_id = $2 AND measured_at > $3"
      " AND measured_at <= $4 ORDER BY measured_at OFFSET $5::int LIMIT 1",
      values);
  if (!rows.ok()) return rows.status();
  return rows->count() == 0 ? last_us : rows->TimeUs(0, 0);
}

}  // namespace auscult::db
