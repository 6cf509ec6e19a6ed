#include "db/retention_store.h"

#define POLICY_COLUMNS                                                                           \
  " coalesce(site.slug, ''), coalesce(asset.slug, ''), own.policy,"                              \
  " CASE WHEN own.asset_id <> 0 THEN of_site.policy END,"                                        \
  " CASE WHEN own.site_id <> 0 THEN of_plant.policy END, unix_us(own.update_time), own.revision" \
  " FROM retention_policy own"                                                                   \
  " LEFT JOIN asset ON asset.asset_id = own.asset_id"                                            \
  " LEFT JOIN site ON site.site_id = own.site_id"                                                \
  " LEFT JOIN retention_policy of_site"                                                          \
  "  ON of_site.asset_id = 0 AND of_site.site_id = own.site_id"                                  \
  " LEFT JOIN retention_policy of_plant ON of_plant.asset_id = 0 AND of_plant.site_id = 0"

namespace auscult::db {
namespace {

RetentionPolicyRow RowAt(const Rows& rows, int row) {
  const auto text_or_none = [&](int column) {
    return rows.IsNull(row, column) ? std::string() : std::string(rows.Text(row, column));
  };
  return {.site = std::string(rows.Text(row, 0)),
          .asset = std::string(rows.Text(row, 1)),
          .policy = std::string(rows.Text(row, 2)),
          .of_site = text_or_none(3),
          .of_plant = text_or_none(4),
          .update_time_us = rows.Int(row, 5),
          .revision = rows.Int(row, 6)};
}

absl::Status NoneSet() { return absl::NotFoundError("no policy was set"); }

}  // namespace

absl::StatusOr<RetentionPolicyRow> GetRetentionPolicy(Connection& connection, RetentionKey key) {
  const Param values[] = {Int(key.site_id), Int(key.asset_id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT" POLICY_COLUMNS " WHERE own.site_id = $1 AND own.asset_id = $2", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoneSet();
  return RowAt(*rows, 0);
}

absl::StatusOr<std::vector<RetentionPolicyRow>> ListRetentionPolicies(Connection& connection,
                                                                      const RetentionCursor& after,
                                                                      int limit) {
  const Param values[] = {Bool(after.begun), Text(after.site), Text(after.asset), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT" POLICY_COLUMNS
      " WHERE NOT $1::boolean"
      "  OR (coalesce(site.slug, ''), coalesce(asset.slug, '')) > ($2::text, $3::text)"
      " ORDER BY coalesce(site.slug, ''), coalesce(asset.slug, '') LIMIT $4",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<RetentionPolicyRow> policies;
  policies.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) policies.push_back(RowAt(*rows, row));
  return policies;
}

absl::Status LockRetentionPolicies(Connection& connection) {
  // All of them, for one that is not there yet has no row to hold.
  return connection.Execute(
      "SELECT pg_advisory_xact_lock(hashtext('auscult'), hashtext('retention'))");
}

absl::Status PutRetentionPolicy(Connection& connection, RetentionKey key,
                                const std::string& policy) {
  const Param values[] = {Int(key.site_id), Int(key.asset_id), Text(policy)};
  return connection.Execute(
      "INSERT INTO retention_policy AS stored (site_id, asset_id, policy) VALUES ($1, $2, $3)"
      " ON CONFLICT (asset_id, site_id) DO UPDATE SET policy = excluded.policy,"
      "  update_time = now(), revision = stored.revision + 1",
      values);
}

absl::Status DeleteRetentionPolicy(Connection& connection, RetentionKey key) {
  const Param values[] = {Int(key.site_id), Int(key.asset_id)};
  absl::StatusOr<Rows> rows =
      connection.Query("DELETE FROM retention_policy WHERE site_id = $1 AND asset_id = $2", values);
  if (!rows.ok()) return rows.status();
  return rows->affected() == 0 ? NoneSet() : absl::OkStatus();
}

}  // namespace auscult::db
