#include "db/finding_query.h"

namespace auscult::db {

absl::StatusOr<std::vector<Finding>> ListFindings(Connection& connection) {
  // kind 1 is the machine; finding 1 confirmed, 2 a false alarm, 3 another cause.
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT s.slug, a.slug, p.slug, unix_us(opened_at), unix_us(closed_at) + 1,"
      " CASE finding WHEN 2 THEN 0 WHEN 1 THEN coalesce(found_fault, fault) ELSE found_fault END"
      " FROM alarm JOIN site s USING (site_id) JOIN asset a USING (asset_id)"
      " JOIN point p ON p.asset_id = alarm.asset_id AND p.point_id = ANY (alarm.points)"
      " WHERE alarm.kind = 1 AND finding IN (1, 2, 3) AND closed_at IS NOT NULL"
      "  AND (finding < 3 OR found_fault IS NOT NULL)"
      " ORDER BY alarm.asset_id, alarm_id, p.point_id");
  if (!rows.ok()) return rows.status();
  std::vector<Finding> findings;
  findings.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) {
    findings.push_back({.site = std::string(rows->Text(row, 0)),
                        .asset = std::string(rows->Text(row, 1)),
                        .point = std::string(rows->Text(row, 2)),
                        .period = {.start_us = rows->Int(row, 3), .end_us = rows->Int(row, 4)},
                        .fault = static_cast<models::Fault>(rows->Int(row, 5))});
  }
  return findings;
}

}  // namespace auscult::db
