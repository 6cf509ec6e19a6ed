#include "db/urgent_assets.h"

namespace auscult::db {
namespace {

std::vector<UrgentSign> SignsOf(const BinaryRows& rows) {
  std::vector<UrgentSign> signs;
  signs.reserve(static_cast<size_t>(rows.count()));
  for (int row = 0; row < rows.count(); ++row) {
    signs.push_back({.asset_id = rows.Int64(row, 0),
                     .site_slug = std::string(rows.Text(row, 1)),
                     .asset_slug = std::string(rows.Text(row, 2)),
                     .health = rows.Float32(row, 3),
                     .last_measured_at_us = rows.TimeUs(row, 4),
                     .stale_after_s = rows.Int64(row, 5),
                     .beside_points = rows.Int16(row, 6) != 0});
  }
  return signs;
}

}  // namespace

absl::StatusOr<UrgentSigns> ListUrgentSigns(Connection& connection, const std::string& site,
                                            models::Condition condition, int limit) {
  const Param values[] = {Text(site), Int(static_cast<int64_t>(condition)), Int(limit)};
  // Names are looked up of those alone that are taken.
  const auto points = connection.QueryBinary(
      "SELECT t.asset_id, s.slug, a.slug, t.health, t.last_measured_at,"
      " coalesce((p.definition->>'stale_after_s')::bigint, 0), 0::smallint"
      " FROM (SELECT asset_id, point_id, health, last_measured_at FROM point_state"
      "  WHERE condition = $2::smallint AND condition IN (2, 3, 4) AND last_measured_at IS NOT NULL"
      "  AND ($1 = '' OR site_id = (SELECT site_id FROM site WHERE slug = $1))"
      "  ORDER BY health NULLS LAST LIMIT $3::int + 1) AS t"
      " JOIN point p USING (asset_id, point_id)"
      " JOIN asset a ON a.asset_id = t.asset_id JOIN site s ON s.site_id = a.site_id"
      " ORDER BY t.health NULLS LAST",
      values);
  if (!points.ok()) return points.status();
  const auto processes = connection.QueryBinary(
      "SELECT t.asset_id, s.slug, a.slug, t.health, t.last_measured_at, 0::bigint,"
      " EXISTS (SELECT FROM point_state p WHERE p.asset_id = t.asset_id"
      "  AND p.condition = $2::smallint)::int::smallint"
      " FROM process_state t JOIN asset a USING (asset_id) JOIN site s ON s.site_id = a.site_id"
      " WHERE t.condition = $2::smallint AND t.condition IN (2, 3, 4)"
      " AND t.last_measured_at IS NOT NULL AND ($1 = '' OR s.slug = $1)",
      std::span(values).first(2));
  if (!processes.ok()) return processes.status();
  UrgentSigns signs{.points = SignsOf(*points), .processes = SignsOf(*processes)};
  signs.all_points = points->count() <= limit;
  return signs;
}

}  // namespace auscult::db
