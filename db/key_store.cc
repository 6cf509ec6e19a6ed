#include "db/key_store.h"

#include "db/store_status.h"

#define KEY_COLUMNS                                                                      \
  " slug, description, grants, secret_hash, certificate, creator, unix_us(create_time)," \
  " unix_us(expire_time), unix_us(revoke_time), unix_us(last_use_time)"

namespace auscult::db {
namespace {

std::string NameOf(const std::string& slug) { return ResourceName({"keys", slug}); }

std::optional<int64_t> TimeAt(const Rows& rows, int row, int column) {
  return rows.IsNull(row, column) ? std::nullopt : std::optional(rows.Int(row, column));
}

AccessKey KeyAt(const Rows& rows, int row) {
  return {.slug = std::string(rows.Text(row, 0)),
          .description = std::string(rows.Text(row, 1)),
          .grants = std::string(rows.Text(row, 2)),
          .secret_hash = rows.IsNull(row, 3) ? "" : rows.Bytes(row, 3),
          .certificate = rows.IsNull(row, 4) ? "" : std::string(rows.Text(row, 4)),
          .creator = std::string(rows.Text(row, 5)),
          .create_time_us = rows.Int(row, 6),
          .expire_time_us = TimeAt(rows, row, 7),
          .revoke_time_us = TimeAt(rows, row, 8),
          .last_use_time_us = TimeAt(rows, row, 9)};
}

absl::StatusOr<AccessKey> OneKey(const absl::StatusOr<Rows>& rows, const absl::Status& none) {
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return none;
  return KeyAt(*rows, 0);
}

}  // namespace

absl::StatusOr<AccessKey> GetAccessKey(Connection& connection, const std::string& slug) {
  const Param values[] = {Text(slug)};
  return OneKey(connection.Query("SELECT" KEY_COLUMNS " FROM access_key WHERE slug = $1", values),
                NoSuch(NameOf(slug)));
}

absl::StatusOr<std::vector<AccessKey>> ListAccessKeys(Connection& connection,
                                                      const std::string& after_slug, int limit) {
  const Param values[] = {Text(after_slug), limit == 0 ? Null() : Int(limit)};
  const absl::StatusOr<Rows> rows = connection.Query(
      "SELECT" KEY_COLUMNS
      " FROM access_key WHERE slug > $1::text COLLATE \"C\" ORDER BY slug LIMIT $2",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<AccessKey> keys;
  for (int row = 0; row < rows->count(); ++row) keys.push_back(KeyAt(*rows, row));
  return keys;
}

absl::StatusOr<AccessKey> CreateAccessKey(Connection& connection, const AccessKey& key) {
  const Param values[] = {Text(key.slug),
                          Text(key.description),
                          Text(key.grants),
                          key.secret_hash.empty() ? Null() : Bytes(key.secret_hash),
                          key.certificate.empty() ? Null() : Text(key.certificate),
                          Text(key.creator),
                          key.expire_time_us ? TimeUs(*key.expire_time_us) : Null()};
  return OneKey(connection.Query("INSERT INTO access_key (slug, description, grants, secret_hash,"
                                 "  certificate, creator, expire_time)"
                                 " VALUES ($1, $2, $3::jsonb, $4, $5, $6, $7::timestamptz)"
                                 " ON CONFLICT DO NOTHING RETURNING" KEY_COLUMNS,
                                 values),
                AlreadyThere(NameOf(key.slug)));
}

absl::StatusOr<AccessKey> RevokeAccessKey(Connection& connection, const std::string& slug) {
  const Param values[] = {Text(slug)};
  return OneKey(connection.Query("UPDATE access_key SET revoke_time = coalesce(revoke_time, now())"
                                 " WHERE slug = $1 RETURNING" KEY_COLUMNS,
                                 values),
                NoSuch(NameOf(slug)));
}

absl::Status NoteKeyUse(Connection& connection, std::span<const std::string> slugs) {
  std::vector<Param> names;
  for (const std::string& slug : slugs) names.push_back(Text(slug));
  const Param values[] = {Array(names)};
  return connection.Execute(
      "UPDATE access_key SET last_use_time = date_trunc('hour', now()) WHERE slug = ANY($1::text[])"
      " AND last_use_time IS DISTINCT FROM date_trunc('hour', now())",
      values);
}

}  // namespace auscult::db
