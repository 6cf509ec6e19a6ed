#include "db/plant_store.h"
#include "db/store_status.h"

namespace auscult::db {
namespace {

std::string NameOf(const std::string& site, const std::string& slug) {
  return ResourceName({"sites", site, "bearings", slug});
}

absl::Status RequireSite(Connection& connection, const std::string& site) {
  return GetSite(connection, site).status();
}

}  // namespace

absl::StatusOr<std::vector<Bearing>> ListBearings(Connection& connection, const std::string& site,
                                                  const std::string& after_slug, int limit) {
  const Param values[] = {Text(site), Text(after_slug), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT s.slug, b.slug, b.definition FROM site s JOIN bearing b USING (site_id)"
      " WHERE s.slug = $1 AND b.slug > $2 ORDER BY b.slug LIMIT $3",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<Bearing> bearings;
  bearings.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) {
    bearings.push_back({.site_slug = std::string(rows->Text(row, 0)),
                        .slug = std::string(rows->Text(row, 1)),
                        .definition = std::string(rows->Text(row, 2))});
  }
  return bearings;
}

absl::Status CreateBearing(Connection& connection, const Bearing& bearing) {
  if (absl::Status status = RequireSite(connection, bearing.site_slug); !status.ok()) return status;
  const Param values[] = {Text(bearing.site_slug), Text(bearing.slug), Text(bearing.definition)};
  absl::StatusOr<Rows> rows = connection.Query(
      "INSERT INTO bearing (site_id, slug, definition)"
      " SELECT site_id, $2, $3::jsonb FROM site WHERE slug = $1"
      " ON CONFLICT (site_id, slug) DO NOTHING",
      values);
  if (!rows.ok()) return rows.status();
  return rows->affected() == 1 ? absl::OkStatus()
                               : AlreadyThere(NameOf(bearing.site_slug, bearing.slug));
}

absl::Status PutBearing(Connection& connection, const Bearing& bearing) {
  if (absl::Status status = RequireSite(connection, bearing.site_slug); !status.ok()) return status;
  const Param values[] = {Text(bearing.site_slug), Text(bearing.slug), Text(bearing.definition)};
  return connection.Execute(
      "INSERT INTO bearing (site_id, slug, definition)"
      " SELECT site_id, $2, $3::jsonb FROM site WHERE slug = $1"
      " ON CONFLICT (site_id, slug) DO UPDATE SET definition = excluded.definition",
      values);
}

absl::Status DeleteBearing(Connection& connection, const std::string& site,
                           const std::string& slug) {
  const Param values[] = {Text(site), Text(slug)};
  absl::StatusOr<Rows> rows = connection.Query(
      "DELETE FROM bearing USING site WHERE site.site_id = bearing.site_id"
      " AND site.slug = $1 AND bearing.slug = $2",
      values);
  if (!rows.ok()) return rows.status();
  return rows->affected() == 1 ? absl::OkStatus() : NoSuch(NameOf(site, slug));
}

}  // namespace auscult::db
