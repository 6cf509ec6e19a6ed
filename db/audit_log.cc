#include "db/audit_log.h"

namespace auscult::db {

absl::StatusOr<std::vector<AuditRow>> ListAuditRows(Connection& connection, int64_t after,
                                                    std::optional<int64_t> site_id, int limit) {
  const Param values[] = {Int(after), site_id ? Int(*site_id) : Null(), Int(limit)};
  const absl::StatusOr<Rows> rows = connection.Query(
      "SELECT sequence, hashed, encode(previous_hash, 'hex'), encode(hash, 'hex') FROM audit"
      " WHERE sequence > $1 AND ($2::bigint IS NULL OR site_id = $2) ORDER BY sequence"
      " LIMIT $3::int",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<AuditRow> entries(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) {
    entries[static_cast<size_t>(row)] = {.sequence = rows->Int(row, 0),
                                         .hashed = std::string(rows->Text(row, 1)),
                                         .previous_hash = std::string(rows->Text(row, 2)),
                                         .hash = std::string(rows->Text(row, 3))};
  }
  return entries;
}

}  // namespace auscult::db
