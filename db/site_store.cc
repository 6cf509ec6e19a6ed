#include "db/plant_store.h"
#include "db/record_deletion.h"
#include "db/store_status.h"

#define SITE_COLUMNS                                                                     \
  " site_id, slug, display_name, time_zone, unix_us(create_time), unix_us(update_time)," \
  " revision, false_alarms_per_point_year, alarm_budget_per_week"

namespace auscult::db {
namespace {

std::string NameOf(const std::string& slug) { return ResourceName({"sites", slug}); }

std::optional<double> RealOrNothing(const Rows& rows, int row, int column) {
  return rows.IsNull(row, column) ? std::nullopt : std::optional(rows.Real(row, column));
}

Param RealOrNull(std::optional<double> value) { return value ? Real(*value) : Null(); }

Site SiteAt(const Rows& rows, int row) {
  return {.site_id = rows.Int(row, 0),
          .slug = std::string(rows.Text(row, 1)),
          .display_name = std::string(rows.Text(row, 2)),
          .time_zone = std::string(rows.Text(row, 3)),
          .create_time_us = rows.Int(row, 4),
          .update_time_us = rows.Int(row, 5),
          .revision = rows.Int(row, 6),
          .false_alarms_per_point_year = RealOrNothing(rows, row, 7),
          .alarm_budget_per_week = RealOrNothing(rows, row, 8)};
}

absl::StatusOr<std::vector<int64_t>> LockAssetsOf(Connection& connection, int64_t site_id) {
  const Param values[] = {Int(site_id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT asset_id FROM asset WHERE site_id = $1 ORDER BY asset_id FOR UPDATE", values);
  if (!rows.ok()) return rows.status();
  std::vector<int64_t> ids;
  ids.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) ids.push_back(rows->Int(row, 0));
  return ids;
}

}  // namespace

absl::StatusOr<Site> GetSite(Connection& connection, const std::string& slug) {
  const Param values[] = {Text(slug)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT" SITE_COLUMNS " FROM site WHERE slug = $1", values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(NameOf(slug));
  return SiteAt(*rows, 0);
}

absl::StatusOr<std::vector<Site>> ListSites(Connection& connection, const std::string& after_slug,
                                            int limit) {
  const Param values[] = {Text(after_slug), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT" SITE_COLUMNS " FROM site WHERE slug > $1 ORDER BY slug LIMIT $2", values);
  if (!rows.ok()) return rows.status();
  std::vector<Site> sites;
  sites.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) sites.push_back(SiteAt(*rows, row));
  return sites;
}

absl::StatusOr<Site> CreateSite(Connection& connection, const Site& site) {
  const Param values[] = {Text(site.slug), Text(site.display_name), Text(site.time_zone),
                          RealOrNull(site.false_alarms_per_point_year),
                          RealOrNull(site.alarm_budget_per_week)};
  absl::StatusOr<Rows> rows = connection.Query(
      "INSERT INTO site (slug, display_name, time_zone, false_alarms_per_point_year,"
      " alarm_budget_per_week) VALUES ($1, $2, $3, $4, $5)"
      " ON CONFLICT (slug) DO NOTHING RETURNING" SITE_COLUMNS,
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return AlreadyThere(NameOf(site.slug));
  return SiteAt(*rows, 0);
}

absl::StatusOr<Site> UpdateSite(Connection& connection, const Site& site,
                                int64_t expected_revision) {
  const Param values[] = {Text(site.slug),
                          Text(site.display_name),
                          Text(site.time_zone),
                          Int(expected_revision),
                          RealOrNull(site.false_alarms_per_point_year),
                          RealOrNull(site.alarm_budget_per_week)};
  absl::StatusOr<Rows> rows = connection.Query(
      "UPDATE site SET display_name = $2, time_zone = $3, update_time = now(),"
      " false_alarms_per_point_year = $5, alarm_budget_per_week = $6,"
      " revision = revision + 1 WHERE slug = $1 AND $4::bigint IN (0, revision)"
      " RETURNING" SITE_COLUMNS,
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 1) return SiteAt(*rows, 0);
  const absl::StatusOr<Site> stored = GetSite(connection, site.slug);
  if (!stored.ok()) return stored.status();
  return CheckRevision(NameOf(site.slug), expected_revision, stored->revision);
}

absl::Status DeleteSite(Connection& connection, const std::string& slug, int64_t expected_revision,
                        bool force) {
  return InTransaction(connection, [&]() -> absl::Status {
    const Param name[] = {Text(slug)};
    absl::StatusOr<Rows> rows =
        connection.Query("SELECT site_id, revision FROM site WHERE slug = $1 FOR UPDATE", name);
    if (!rows.ok()) return rows.status();
    if (rows->count() == 0) return NoSuch(NameOf(slug));
    absl::Status status = CheckRevision(NameOf(slug), expected_revision, rows->Int(0, 1));
    if (!status.ok()) return status;
    const int64_t site_id = rows->Int(0, 0);
    const absl::StatusOr<std::vector<int64_t>> assets = LockAssetsOf(connection, site_id);
    if (!assets.ok()) return assets.status();
    if (!assets->empty()) {
      if (!force) {
        return absl::FailedPreconditionError(
            NameOf(slug) + " has assets; delete them first, or everything at once with force");
      }
      status = DeleteRecordsOfAssets(connection, *assets);
      if (!status.ok()) return status;
    }
    const Param values[] = {Int(site_id), Text(slug)};
    return connection.Execute(
        "WITH policy AS (DELETE FROM retention_policy WHERE site_id = $1),"
        " quota AS (DELETE FROM quota WHERE name = 'sites/' || $2 || '/quota')"
        " DELETE FROM site WHERE site_id = $1",
        values);
  });
}

}  // namespace auscult::db
