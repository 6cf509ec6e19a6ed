#include "db/limit_store.h"

namespace auscult::db {
namespace {

LimitsRow RowAt(const Rows& rows, int row) {
  return {.limits = std::string(rows.Text(row, 0)),
          .update_time_us = rows.Int(row, 1),
          .revision = rows.Int(row, 2)};
}

}  // namespace

absl::StatusOr<LimitsRow> GetLimits(Connection& connection, PointKey point) {
  const Param values[] = {Int(point.first), Int(point.second)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT limits, unix_us(update_time), revision FROM point_limits"
      " WHERE asset_id = $1 AND point_id = $2",
      values);
  if (!rows.ok()) return rows.status();
  return rows->count() == 0 ? LimitsRow() : RowAt(*rows, 0);
}

absl::StatusOr<LimitsRow> LockLimits(Connection& connection, PointKey point) {
  const Param values[] = {Int(point.first), Int(point.second)};
  // The point, for limits that were never set have no row to hold.
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT FROM point WHERE asset_id = $1 AND point_id = $2 FOR NO KEY UPDATE", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return absl::NotFoundError("the point was deleted");
  return GetLimits(connection, point);
}

absl::StatusOr<LimitsRow> PutLimits(Connection& connection, PointKey point,
                                    const std::string& limits) {
  const Param values[] = {Int(point.first), Int(point.second), Text(limits)};
  absl::StatusOr<Rows> rows = connection.Query(
      "INSERT INTO point_limits AS stored (asset_id, point_id, site_id, limits)"
      " SELECT asset_id, point_id, site_id, $3 FROM point WHERE asset_id = $1 AND point_id = $2"
      " ON CONFLICT (asset_id, point_id) DO UPDATE SET limits = excluded.limits,"
      "  update_time = now(), revision = stored.revision + 1"
      " RETURNING limits, unix_us(update_time), revision",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return absl::NotFoundError("the point was deleted");
  return RowAt(*rows, 0);
}

}  // namespace auscult::db
