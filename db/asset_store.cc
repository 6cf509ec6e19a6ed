#include "db/plant_store.h"
#include "db/record_deletion.h"
#include "db/store_status.h"

#define SELECT_ASSETS                                                                        \
  "SELECT a.asset_id, a.site_id, s.slug, a.slug, p.slug, a.display_name, a.kind, a.machine," \
  " unix_us(a.create_time), unix_us(a.update_time), a.revision"                              \
  " FROM asset a JOIN site s USING (site_id) LEFT JOIN asset p ON p.asset_id = a.parent_asset_id"

namespace auscult::db {
namespace {

std::string NameOf(const std::string& site, const std::string& slug) {
  return ResourceName({"sites", site, "assets", slug});
}

Asset AssetAt(const Rows& rows, int row) {
  Asset asset{.asset_id = rows.Int(row, 0),
              .site_id = rows.Int(row, 1),
              .site_slug = std::string(rows.Text(row, 2)),
              .slug = std::string(rows.Text(row, 3)),
              .parent_slug = std::nullopt,
              .display_name = std::string(rows.Text(row, 5)),
              .kind = std::string(rows.Text(row, 6)),
              .machine = std::string(rows.Text(row, 7)),
              .create_time_us = rows.Int(row, 8),
              .update_time_us = rows.Int(row, 9),
              .revision = rows.Int(row, 10)};
  if (!rows.IsNull(row, 4)) asset.parent_slug = rows.Text(row, 4);
  return asset;
}

// Whoever changes the tree of a site holds its row: two moves that are harmless one by one could
// close a loop together.
absl::StatusOr<int64_t> LockTree(Connection& connection, const std::string& site) {
  const Param values[] = {Text(site)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT site_id FROM site WHERE slug = $1 FOR NO KEY UPDATE", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(ResourceName({"sites", site}));
  return rows->Int(0, 0);
}

// NULL where the asset has no parent.
absl::StatusOr<Param> FindParent(Connection& connection, const Asset& asset, int64_t site_id) {
  if (!asset.parent_slug) return Null();
  const Param values[] = {Int(site_id), Text(*asset.parent_slug)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT asset_id FROM asset WHERE site_id = $1 AND slug = $2", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(NameOf(asset.site_slug, *asset.parent_slug));
  return Int(rows->Int(0, 0));
}

absl::Status RefuseLoop(Connection& connection, const Asset& asset, int64_t asset_id,
                        const Param& parent_id) {
  if (!parent_id) return absl::OkStatus();
  const Param values[] = {parent_id, Int(asset_id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "WITH RECURSIVE above (asset_id) AS (SELECT $1::bigint UNION"
      " SELECT parent_asset_id FROM asset JOIN above USING (asset_id)"
      " WHERE parent_asset_id IS NOT NULL)"
      " SELECT FROM above WHERE asset_id = $2",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      NameOf(asset.site_slug, *asset.parent_slug) + " cannot be the parent of " +
      NameOf(asset.site_slug, asset.slug) + ", for it stands below it; choose a parent outside");
}

struct LockedAsset {
  int64_t asset_id, revision;
};

absl::StatusOr<LockedAsset> LockAsset(Connection& connection, int64_t site_id,
                                      const std::string& name, const std::string& slug) {
  const Param values[] = {Int(site_id), Text(slug)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT asset_id, revision FROM asset WHERE site_id = $1 AND slug = $2 FOR UPDATE", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(name);
  return LockedAsset{rows->Int(0, 0), rows->Int(0, 1)};
}

// The asset and all below it, locked.
absl::StatusOr<std::vector<int64_t>> LockSubtree(Connection& connection, int64_t asset_id) {
  const Param values[] = {Int(asset_id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "WITH RECURSIVE below (asset_id) AS (SELECT $1::bigint UNION"
      " SELECT a.asset_id FROM asset a JOIN below ON a.parent_asset_id = below.asset_id)"
      " SELECT asset_id FROM asset WHERE asset_id IN (SELECT asset_id FROM below)"
      " ORDER BY asset_id FOR UPDATE",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<int64_t> ids;
  ids.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) ids.push_back(rows->Int(row, 0));
  return ids;
}

absl::Status RefuseOccupied(Connection& connection, const std::string& name, int64_t asset_id) {
  const Param values[] = {Int(asset_id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT EXISTS (SELECT FROM asset WHERE parent_asset_id = $1),"
      " EXISTS (SELECT FROM point WHERE asset_id = $1),"
      " EXISTS (SELECT FROM reading WHERE asset_id = $1)",
      values);
  if (!rows.ok()) return rows.status();
  for (const auto& [column, what] :
       {std::pair(0, "assets below it"), {1, "points"}, {2, "readings"}}) {
    if (!rows->Bool(0, column)) continue;
    return absl::FailedPreconditionError(name + " has " + what +
                                         "; delete them first, or everything at once with force");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Asset>> AssetsOf(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::vector<Asset> assets;
  assets.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) assets.push_back(AssetAt(*rows, row));
  return assets;
}

}  // namespace

absl::StatusOr<Asset> GetAsset(Connection& connection, const std::string& site,
                               const std::string& slug) {
  const Param values[] = {Text(site), Text(slug)};
  absl::StatusOr<Rows> rows =
      connection.Query(SELECT_ASSETS " WHERE s.slug = $1 AND a.slug = $2", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(NameOf(site, slug));
  return AssetAt(*rows, 0);
}

absl::StatusOr<std::vector<Asset>> ListAssets(Connection& connection, const std::string& site,
                                              const AssetCursor& after, int limit) {
  const Param values[] = {Text(site), Text(after.site), Text(after.asset), Int(limit)};
  absl::StatusOr<Rows> rows =
      connection.Query(SELECT_ASSETS
                       " WHERE ($1 = '' OR s.slug = $1) AND (s.slug, a.slug) > ($2, $3)"
                       " ORDER BY s.slug, a.slug LIMIT $4",
                       values);
  return AssetsOf(rows);
}

absl::StatusOr<std::vector<Asset>> ListAssets(Connection& connection,
                                              std::span<const int64_t> asset_ids) {
  const Param values[] = {IntArray(asset_ids)};
  return AssetsOf(connection.Query(SELECT_ASSETS " WHERE a.asset_id = ANY ($1::bigint[])", values));
}

absl::StatusOr<Asset> CreateAsset(Connection& connection, const Asset& asset) {
  const absl::Status status = InTransaction(connection, [&]() -> absl::Status {
    const absl::StatusOr<int64_t> site_id = LockTree(connection, asset.site_slug);
    if (!site_id.ok()) return site_id.status();
    const absl::StatusOr<Param> parent = FindParent(connection, asset, *site_id);
    if (!parent.ok()) return parent.status();
    const Param values[] = {Int(*site_id),    Text(asset.slug),   *parent, Text(asset.display_name),
                            Text(asset.kind), Text(asset.machine)};
    absl::StatusOr<Rows> rows = connection.Query(
        "INSERT INTO asset (site_id, slug, parent_asset_id, display_name, kind, machine)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (site_id, slug) DO NOTHING",
        values);
    if (!rows.ok()) return rows.status();
    return rows->affected() == 1 ? absl::OkStatus()
                                 : AlreadyThere(NameOf(asset.site_slug, asset.slug));
  });
  if (!status.ok()) return status;
  return GetAsset(connection, asset.site_slug, asset.slug);
}

absl::StatusOr<Asset> UpdateAsset(Connection& connection, const Asset& asset,
                                  int64_t expected_revision) {
  const std::string name = NameOf(asset.site_slug, asset.slug);
  const absl::Status status = InTransaction(connection, [&]() -> absl::Status {
    const absl::StatusOr<int64_t> site_id = LockTree(connection, asset.site_slug);
    if (!site_id.ok()) return site_id.status();
    const absl::StatusOr<LockedAsset> stored = LockAsset(connection, *site_id, name, asset.slug);
    if (!stored.ok()) return stored.status();
    absl::Status checked = CheckRevision(name, expected_revision, stored->revision);
    if (!checked.ok()) return checked;
    const absl::StatusOr<Param> parent = FindParent(connection, asset, *site_id);
    if (!parent.ok()) return parent.status();
    checked = RefuseLoop(connection, asset, stored->asset_id, *parent);
    if (!checked.ok()) return checked;
    const Param values[] = {Int(stored->asset_id), *parent, Text(asset.display_name),
                            Text(asset.kind), Text(asset.machine)};
    return connection.Execute(
        "UPDATE asset SET parent_asset_id = $2, display_name = $3, kind = $4, machine = $5,"
        " update_time = now(), revision = revision + 1 WHERE asset_id = $1",
        values);
  });
  if (!status.ok()) return status;
  return GetAsset(connection, asset.site_slug, asset.slug);
}

absl::Status DeleteAsset(Connection& connection, const std::string& site, const std::string& slug,
                         int64_t expected_revision, bool force) {
  const std::string name = NameOf(site, slug);
  return InTransaction(connection, [&]() -> absl::Status {
    const absl::StatusOr<int64_t> site_id = LockTree(connection, site);
    if (!site_id.ok()) return site_id.status();
    const absl::StatusOr<LockedAsset> stored = LockAsset(connection, *site_id, name, slug);
    if (!stored.ok()) return stored.status();
    absl::Status status = CheckRevision(name, expected_revision, stored->revision);
    if (status.ok() && !force) status = RefuseOccupied(connection, name, stored->asset_id);
    if (!status.ok()) return status;
    const absl::StatusOr<std::vector<int64_t>> ids = LockSubtree(connection, stored->asset_id);
    if (!ids.ok()) return ids.status();
    status = DeleteRecordsOfAssets(connection, *ids);
    if (!status.ok()) return status;
    std::vector<Param> list;
    for (const int64_t id : *ids) list.push_back(Int(id));
    const Param values[] = {Array(list)};
    return connection.Execute("DELETE FROM asset WHERE asset_id = ANY ($1::bigint[])", values);
  });
}

}  // namespace auscult::db
