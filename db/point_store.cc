#include "db/case_writer.h"
#include "db/plant_store.h"
#include "db/record_deletion.h"
#include "db/store_status.h"

#define POINT_COLUMNS                                                         \
  " p.asset_id, p.point_id, p.site_id, s.slug, a.slug, p.slug, p.definition," \
  " unix_us(p.create_time), unix_us(p.update_time), p.revision"
#define FROM_POINTS " FROM site s JOIN asset a USING (site_id) JOIN point p USING (asset_id)"

namespace auscult::db {
namespace {

constexpr int kPointColumns = 10;

std::string NameOf(const std::string& site, const std::string& asset, const std::string& slug) {
  return ResourceName({"sites", site, "assets", asset, "points", slug});
}

std::string NameOf(const Point& point) {
  return NameOf(point.site_slug, point.asset_slug, point.slug);
}

Point PointAt(const Rows& rows, int row) {
  return {.asset_id = rows.Int(row, 0),
          .point_id = rows.Int(row, 1),
          .site_id = rows.Int(row, 2),
          .site_slug = std::string(rows.Text(row, 3)),
          .asset_slug = std::string(rows.Text(row, 4)),
          .slug = std::string(rows.Text(row, 5)),
          .definition = std::string(rows.Text(row, 6)),
          .create_time_us = rows.Int(row, 7),
          .update_time_us = rows.Int(row, 8),
          .revision = rows.Int(row, 9)};
}

int64_t IntOrZero(const Rows& rows, int row, int column) {
  return rows.IsNull(row, column) ? 0 : rows.Int(row, column);
}

PointSummary SummaryAt(const Rows& rows, int row) {
  PointSummary summary;
  summary.point = PointAt(rows, row);
  int column = kPointColumns;
  if (!rows.IsNull(row, column)) {
    summary.condition = static_cast<models::Condition>(rows.Int(row, column));
  }
  summary.health = static_cast<float>(rows.Real(row, ++column));
  summary.severity = static_cast<float>(rows.Real(row, ++column));
  summary.confidence = static_cast<float>(rows.Real(row, ++column));
  summary.learning_progress = static_cast<float>(rows.Real(row, ++column));
  summary.zone = static_cast<int>(IntOrZero(rows, row, ++column));
  summary.verdict = static_cast<int>(IntOrZero(rows, row, ++column));
  summary.model_version = static_cast<int>(rows.Int(row, ++column));
  summary.quality = static_cast<uint32_t>(rows.Int(row, ++column));
  summary.since_us = IntOrZero(rows, row, ++column);
  summary.last_measured_at_us = IntOrZero(rows, row, ++column);
  summary.record_count = rows.Int(row, ++column);
  ++column;
  if (!rows.IsNull(row, column)) summary.detail = rows.Text(row, column);
  return summary;
}

absl::StatusOr<std::vector<PointSummary>> SummariesOf(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::vector<PointSummary> summaries;
  summaries.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) summaries.push_back(SummaryAt(*rows, row));
  return summaries;
}

struct LockedPoint {
  int64_t asset_id, point_id, revision;
};

absl::StatusOr<LockedPoint> LockPoint(Connection& connection, const std::string& site,
                                      const std::string& asset, const std::string& slug) {
  const Param values[] = {Text(site), Text(asset), Text(slug)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT p.asset_id, p.point_id, p.revision" FROM_POINTS
                       " WHERE s.slug = $1 AND a.slug = $2 AND p.slug = $3 FOR UPDATE OF p",
                       values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(NameOf(site, asset, slug));
  return LockedPoint{rows->Int(0, 0), rows->Int(0, 1), rows->Int(0, 2)};
}

}  // namespace

absl::StatusOr<Point> GetPoint(Connection& connection, const std::string& site,
                               const std::string& asset, const std::string& slug) {
  const Param values[] = {Text(site), Text(asset), Text(slug)};
  absl::StatusOr<Rows> rows = connection.Query("SELECT" POINT_COLUMNS FROM_POINTS
                                               " WHERE s.slug = $1 AND a.slug = $2 AND p.slug = $3",
                                               values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(NameOf(site, asset, slug));
  return PointAt(*rows, 0);
}

absl::StatusOr<Point> CreatePoint(Connection& connection, const Point& point) {
  const absl::Status status = InTransaction(connection, [&]() -> absl::Status {
    const Param name[] = {Text(point.site_slug), Text(point.asset_slug)};
    // Held, so that the asset is not deleted under the new point.
    absl::StatusOr<Rows> asset = connection.Query(
        "SELECT a.asset_id, a.site_id FROM site s JOIN asset a USING (site_id)"
        " WHERE s.slug = $1 AND a.slug = $2 FOR KEY SHARE OF a",
        name);
    if (!asset.ok()) return asset.status();
    if (asset->count() == 0) {
      return NoSuch(ResourceName({"sites", point.site_slug, "assets", point.asset_slug}));
    }
    const Param values[] = {Int(asset->Int(0, 0)), Int(asset->Int(0, 1)), Text(point.slug),
                            Text(point.definition)};
    absl::StatusOr<Rows> rows = connection.Query(
        "WITH made AS (INSERT INTO point (asset_id, site_id, slug, definition)"
        "  VALUES ($1, $2, $3, $4) ON CONFLICT (asset_id, slug) DO NOTHING"
        "  RETURNING asset_id, point_id, site_id)"
        " INSERT INTO point_state (asset_id, point_id, site_id) SELECT * FROM made",
        values);
    if (!rows.ok()) return rows.status();
    return rows->affected() == 1 ? absl::OkStatus() : AlreadyThere(NameOf(point));
  });
  if (!status.ok()) return status;
  return GetPoint(connection, point.site_slug, point.asset_slug, point.slug);
}

absl::StatusOr<Point> UpdatePoint(Connection& connection, const Point& point,
                                  int64_t expected_revision) {
  const absl::Status status = InTransaction(connection, [&]() -> absl::Status {
    const absl::StatusOr<LockedPoint> stored =
        LockPoint(connection, point.site_slug, point.asset_slug, point.slug);
    if (!stored.ok()) return stored.status();
    if (absl::Status checked = CheckRevision(NameOf(point), expected_revision, stored->revision);
        !checked.ok()) {
      return checked;
    }
    const Param values[] = {Int(stored->asset_id), Int(stored->point_id), Text(point.definition)};
    return connection.Execute(
        "UPDATE point SET definition = $3, update_time = now(), revision = revision + 1"
        " WHERE asset_id = $1 AND point_id = $2",
        values);
  });
  if (!status.ok()) return status;
  return GetPoint(connection, point.site_slug, point.asset_slug, point.slug);
}

absl::Status DeletePoint(Connection& connection, const std::string& site, const std::string& asset,
                         const std::string& slug, int64_t expected_revision, bool force) {
  const std::string name = NameOf(site, asset, slug);
  return InTransaction(connection, [&]() -> absl::Status {
    // Before the point itself: a writer holds the state when it adds a baseline to the point.
    const Param path[] = {Text(site), Text(asset), Text(slug)};
    absl::Status status = connection.Execute(
        "SELECT" FROM_POINTS
        " JOIN point_state t ON t.asset_id = p.asset_id AND t.point_id = p.point_id"
        " WHERE s.slug = $1 AND a.slug = $2 AND p.slug = $3 FOR UPDATE OF t",
        path);
    if (!status.ok()) return status;
    const absl::StatusOr<LockedPoint> stored = LockPoint(connection, site, asset, slug);
    if (!stored.ok()) return stored.status();
    status = CheckRevision(name, expected_revision, stored->revision);
    if (!status.ok()) return status;
    const Param values[] = {Int(stored->asset_id), Int(stored->point_id)};
    absl::StatusOr<Rows> records =
        connection.Query("SELECT FROM trend WHERE asset_id = $1 AND point_id = $2 LIMIT 1", values);
    if (!records.ok()) return records.status();
    if (records->count() > 0 && !force) {
      return absl::FailedPreconditionError(name +
                                           " has records; delete it together with them by force");
    }
    status = DeleteRecordsOfPoint(connection, stored->asset_id, stored->point_id);
    if (status.ok()) {
      status = ReleaseCasesOfPoint(connection, stored->asset_id, stored->point_id);
    }
    if (!status.ok()) return status;
    return connection.Execute("DELETE FROM point WHERE asset_id = $1 AND point_id = $2", values);
  });
}

absl::StatusOr<std::vector<Point>> ListPoints(Connection& connection, const std::string& site,
                                              const std::string& asset, const PointCursor& after,
                                              int limit) {
  const Param values[] = {Text(site), Text(asset), Text(after.asset), Text(after.point),
                          Int(limit)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT" POINT_COLUMNS FROM_POINTS
                       " WHERE s.slug = $1 AND ($2 = '' OR a.slug = $2) AND a.slug >= $3"
                       " AND (a.slug, p.slug) > ($3, $4) ORDER BY a.slug, p.slug LIMIT $5",
                       values);
  if (!rows.ok()) return rows.status();
  std::vector<Point> points;
  points.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) points.push_back(PointAt(*rows, row));
  return points;
}

#define SELECT_SUMMARIES(detail)                                                               \
  "SELECT" POINT_COLUMNS                                                                       \
  ", t.condition, t.health, t.severity, t.confidence, t.learning_progress, t.zone, t.verdict," \
  " t.model_version, t.quality, unix_us(t.since), unix_us(t.last_measured_at), "               \
  "t.record_count, " detail FROM_POINTS                                                        \
  " JOIN point_state t ON t.asset_id = p.asset_id AND t.point_id = p.point_id"
#define SUMMARY_ORDER " ORDER BY s.slug, a.slug, p.slug"

absl::StatusOr<std::vector<PointSummary>> ListPointSummaries(Connection& connection,
                                                             const std::string& site,
                                                             const std::string& asset,
                                                             bool with_detail) {
  const Param values[] = {Text(site), Text(asset), Bool(with_detail)};
  return SummariesOf(connection.Query(
      SELECT_SUMMARIES("CASE WHEN $3 THEN t.detail END") " WHERE ($1 = '' OR s.slug = $1) AND ($2 "
                                                         "= '' OR a.slug = $2)" SUMMARY_ORDER,
      values));
}

absl::StatusOr<std::vector<PointSummary>> ListPointSummaries(Connection& connection,
                                                             std::span<const int64_t> asset_ids) {
  const Param values[] = {IntArray(asset_ids)};
  return SummariesOf(connection.Query(
      SELECT_SUMMARIES("t.detail") " WHERE a.asset_id = ANY ($1::bigint[])" SUMMARY_ORDER, values));
}

}  // namespace auscult::db
