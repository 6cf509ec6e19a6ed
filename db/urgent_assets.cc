#include "db/urgent_assets.h"

namespace auscult::db {

absl::StatusOr<std::vector<UrgentSign>> ListUrgentSigns(Connection& connection,
                                                        const std::string& site,
                                                        models::Condition condition) {
  const Param values[] = {Text(site), Int(static_cast<int64_t>(condition))};
  const auto rows = connection.QueryBinary(
      "SELECT t.asset_id, s.slug, a.slug, 0::smallint, t.health, t.last_measured_at,"
      " coalesce((p.definition->>'stale_after_s')::bigint, 0)"
      " FROM point_state t JOIN point p USING (asset_id, point_id)"
      " JOIN asset a ON a.asset_id = t.asset_id JOIN site s ON s.site_id = a.site_id"
      " WHERE t.condition = $2::smallint AND t.condition IN (2, 3, 4)"
      " AND t.last_measured_at IS NOT NULL AND ($1 = '' OR s.slug = $1)"
      " UNION ALL"
      " SELECT t.asset_id, s.slug, a.slug, 1, t.health, t.last_measured_at, 0"
      " FROM process_state t JOIN asset a USING (asset_id) JOIN site s ON s.site_id = a.site_id"
      " WHERE t.condition = $2::smallint AND t.condition IN (2, 3, 4)"
      " AND t.last_measured_at IS NOT NULL AND ($1 = '' OR s.slug = $1)",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<UrgentSign> signs;
  signs.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) {
    signs.push_back({.asset_id = rows->Int64(row, 0),
                     .site_slug = std::string(rows->Text(row, 1)),
                     .asset_slug = std::string(rows->Text(row, 2)),
                     .process = rows->Int16(row, 3) != 0,
                     .health = rows->Float32(row, 4),
                     .last_measured_at_us = rows->TimeUs(row, 5),
                     .stale_after_s = rows->Int64(row, 6)});
  }
  return signs;
}

}  // namespace auscult::db
