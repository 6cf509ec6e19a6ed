#include "db/quota_store.h"

#define QUOTA_COLUMNS " name, definition, unix_us(update_time), revision FROM quota"

namespace auscult::db {
namespace {

QuotaRow RowAt(const Rows& rows, int row) {
  return {.name = std::string(rows.Text(row, 0)),
          .definition = std::string(rows.Text(row, 1)),
          .update_time_us = rows.Int(row, 2),
          .revision = rows.Int(row, 3)};
}

absl::Status NoneSet() { return absl::NotFoundError("no quota was set"); }

}  // namespace

absl::StatusOr<QuotaRow> GetQuota(Connection& connection, const std::string& name) {
  const Param values[] = {Text(name)};
  absl::StatusOr<Rows> rows = connection.Query("SELECT" QUOTA_COLUMNS " WHERE name = $1", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoneSet();
  return RowAt(*rows, 0);
}

absl::StatusOr<std::vector<QuotaRow>> ListQuotas(Connection& connection, const std::string& after,
                                                 int limit) {
  const Param values[] = {Text(after), Int(limit)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT" QUOTA_COLUMNS " WHERE name > $1 ORDER BY name LIMIT $2", values);
  if (!rows.ok()) return rows.status();
  std::vector<QuotaRow> quotas;
  quotas.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) quotas.push_back(RowAt(*rows, row));
  return quotas;
}

absl::Status LockQuotas(Connection& connection) {
  // All of them, for one that is not there yet has no row to hold.
  return connection.Execute("SELECT pg_advisory_xact_lock(hashtext('auscult'), hashtext('quota'))");
}

absl::Status PutQuota(Connection& connection, const std::string& name,
                      const std::string& definition) {
  const Param values[] = {Text(name), Text(definition)};
  return connection.Execute(
      "INSERT INTO quota AS stored (name, definition) VALUES ($1, $2)"
      " ON CONFLICT (name) DO UPDATE SET definition = excluded.definition,"
      "  update_time = now(), revision = stored.revision + 1",
      values);
}

absl::Status DeleteQuota(Connection& connection, const std::string& name) {
  const Param values[] = {Text(name)};
  absl::StatusOr<Rows> rows = connection.Query("DELETE FROM quota WHERE name = $1", values);
  if (!rows.ok()) return rows.status();
  return rows->affected() == 0 ? NoneSet() : absl::OkStatus();
}

absl::Status FindKey(Connection& connection, const std::string& key) {
  const Param values[] = {Text(key)};
  absl::StatusOr<Rows> rows = connection.Query("SELECT 1 FROM access_key WHERE slug = $1", values);
  if (!rows.ok()) return rows.status();
  return rows->count() > 0 ? absl::OkStatus() : absl::NotFoundError("no such key");
}

}  // namespace auscult::db
