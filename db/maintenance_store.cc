#include "db/maintenance_store.h"

#include "absl/strings/str_split.h"
#include "models/alarm_case.h"

namespace auscult::db {

absl::StatusOr<MaintenanceKey> InsertMaintenance(Connection& connection, const MaintenanceRow& row,
                                                 const std::vector<int64_t>& point_ids) {
  std::vector<Param> points;
  for (const int64_t id : point_ids) points.push_back(Int(id));
  const Param values[] = {
      Int(row.asset_id),    TimeUs(row.performed_at_us), Text(row.actor), Text(row.description),
      Text(row.work_order), Bool(row.keep_baseline),     Array(points)};
  absl::StatusOr<Rows> rows = connection.Query(
      "INSERT INTO maintenance (asset_id, site_id, performed_at, actor, description, work_order,"
      " keep_baseline, points)"
      " SELECT asset_id, site_id, $2, $3, $4, $5, $6, $7 FROM asset WHERE asset_id = $1"
      " RETURNING maintenance_id, unix_us(create_time)",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return absl::NotFoundError("the asset was deleted");
  return MaintenanceKey{rows->Int(0, 0), rows->Int(0, 1)};
}

absl::Status NoteMaintenanceAtCases(Connection& connection, const MaintenanceRow& row) {
  const Param asset[] = {Int(row.asset_id)};
  absl::Status status =
      connection.Execute("SELECT FROM asset WHERE asset_id = $1 FOR NO KEY UPDATE", asset);
  if (!status.ok()) return status;
  const Param values[] = {Int(row.asset_id), Int(static_cast<int64_t>(models::CaseKind::kMachine)),
                          Text(row.actor), Text(row.description)};
  return connection.Execute(
      "WITH open AS (UPDATE alarm SET revision = revision + 1, changed_by = DEFAULT"
      "  WHERE asset_id = $1 AND kind = $2 AND closed_at IS NULL"
      "  RETURNING asset_id, alarm_id, site_id)"
      " INSERT INTO alarm_note (asset_id, alarm_id, site_id, actor, action, text)"
      " SELECT asset_id, alarm_id, site_id, $3, 'maintenance', $4 FROM open",
      values);
}

absl::StatusOr<std::vector<MaintenanceRow>> ListMaintenance(Connection& connection,
                                                            int64_t asset_id,
                                                            const MaintenanceCursor& before,
                                                            int limit) {
  const Param values[] = {Int(asset_id),
                          before.maintenance_id == 0 ? Null() : TimeUs(before.performed_at_us),
                          Int(before.maintenance_id), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT m.maintenance_id, unix_us(m.performed_at), unix_us(m.create_time), m.actor,"
      " m.description, m.work_order, m.keep_baseline,"
      " (SELECT string_agg(p.slug, '/' ORDER BY p.slug) FROM point p"
      "  WHERE p.asset_id = m.asset_id AND p.point_id = ANY (m.points))"
      " FROM maintenance m WHERE m.asset_id = $1 AND ($2::timestamptz IS NULL"
      "  OR (m.performed_at, m.maintenance_id) < ($2::timestamptz, $3::bigint))"
      " ORDER BY m.performed_at DESC, m.maintenance_id DESC LIMIT $4",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<MaintenanceRow> list;
  for (int row = 0; row < rows->count(); ++row) {
    MaintenanceRow& told = list.emplace_back();
    told.asset_id = asset_id;
    told.maintenance_id = rows->Int(row, 0);
    told.performed_at_us = rows->Int(row, 1);
    told.create_time_us = rows->Int(row, 2);
    told.actor = rows->Text(row, 3);
    told.description = rows->Text(row, 4);
    told.work_order = rows->Text(row, 5);
    told.keep_baseline = rows->Bool(row, 6);
    if (!rows->IsNull(row, 7)) told.points = absl::StrSplit(std::string(rows->Text(row, 7)), '/');
  }
  return list;
}

}  // namespace auscult::db
