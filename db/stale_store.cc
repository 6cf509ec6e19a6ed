#include "db/stale_store.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/counted_score.h"
#include "db/partitions.h"

namespace auscult::db {
namespace {

using Json = nlohmann::json;

constexpr size_t kLongestDetail = 500;

// Records that were judged by something else than records are now.
struct Segment {
  std::string by;
  Period period;
};

struct Mark {
  int64_t site_id = 0;
  int64_t end_us = 0;  // after the last record of the point
  std::optional<int64_t> stale_id;
  std::string detail;
  std::vector<Segment> segments;  // disjoint, in the order of time
};

std::vector<Segment> ParseSegments(std::string_view text) {
  std::vector<Segment> segments;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array()) return segments;
  for (const Json& item : json) {
    segments.push_back({.by = item.value("by", ""),
                        .period = {.start_us = item.value("from", int64_t{0}),
                                   .end_us = item.value("to", int64_t{0})}});
  }
  return segments;
}

std::string TextOf(const std::vector<Segment>& segments) {
  Json json = Json::array();
  for (const Segment& segment : segments) {
    json.push_back(
        {{"by", segment.by}, {"from", segment.period.start_us}, {"to", segment.period.end_us}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Whatever is in no segment was judged by what held until now.
void Take(const StaleChange& change, Mark& mark) {
  std::vector<Segment> all;
  int64_t at = kEarliestUs;
  for (const Segment& segment : mark.segments) {
    if (segment.period.start_us > at) {
      all.push_back({change.before, {.start_us = at, .end_us = segment.period.start_us}});
    }
    all.push_back(segment);
    at = segment.period.end_us;
  }
  if (mark.end_us > at) all.push_back({change.before, {.start_us = at, .end_us = mark.end_us}});
  std::erase_if(all, [&](const Segment& segment) { return segment.by == change.now; });
  mark.segments = std::move(all);
}

absl::StatusOr<std::map<PointKey, Mark>> MarksOf(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::map<PointKey, Mark> marks;
  for (int row = 0; row < rows->count(); ++row) {
    Mark& mark = marks[{rows->Int(row, 0), rows->Int(row, 1)}];
    mark.site_id = rows->Int(row, 2);
    mark.end_us = rows->Int(row, 3) + 1;
    if (rows->IsNull(row, 4)) continue;
    mark.stale_id = rows->Int(row, 4);
    mark.detail = rows->Text(row, 5);
    mark.segments = ParseSegments(rows->Text(row, 6));
  }
  return marks;
}

#define SELECT_MARKS                                                                             \
  "SELECT p.asset_id, p.point_id, p.site_id, unix_us(p.last_measured_at), r.stale_id, r.detail," \
  " r.judged_by FROM point_state p LEFT JOIN stale_result r ON r.asset_id = p.asset_id"          \
  " AND r.point_id = p.point_id AND r.reason = $1 AND r.made_good_by IS NULL"                    \
  " WHERE p.last_measured_at IS NOT NULL"

// Columns of the marks to be written.
struct MarkColumns {
  std::vector<Param> assets, points, sites, details, starts, ends, segments;

  void Add(PointKey point, const Mark& mark) {
    assets.push_back(Int(point.first));
    points.push_back(Int(point.second));
    sites.push_back(Int(mark.site_id));
    details.push_back(Text(mark.detail));
    starts.push_back(TimeUs(mark.segments.front().period.start_us));
    ends.push_back(TimeUs(mark.segments.back().period.end_us));
    segments.push_back(Text(TextOf(mark.segments)));
  }
};

// In place of what stood there.
absl::Status Write(Connection& connection, StaleReason reason, const MarkColumns& marks,
                   std::span<const Param> replaced) {
  const Param old[] = {Array(replaced)};
  absl::Status status =
      connection.Execute("DELETE FROM stale_result WHERE stale_id = ANY ($1::bigint[])", old);
  if (!status.ok() || marks.assets.empty()) return status;
  const Param values[] = {Array(marks.assets),   Array(marks.points),
                          Array(marks.sites),    Array(marks.details),
                          Array(marks.starts),   Array(marks.ends),
                          Array(marks.segments), Int(static_cast<int64_t>(reason))};
  return connection.Execute(
      "INSERT INTO stale_result (asset_id, point_id, site_id, reason, detail, start_time, end_time,"
      " judged_by) SELECT asset_id, point_id, site_id, $8, detail, start_time, end_time, judged_by"
      " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::timestamptz[],"
      "  $6::timestamptz[], $7::jsonb[])"
      "  AS m (asset_id, point_id, site_id, detail, start_time, end_time, judged_by)",
      values);
}

std::string Joined(std::string before, std::string_view detail) {
  if (!before.empty()) before += "; ";
  before += detail;
  if (before.size() > kLongestDetail) before.resize(kLongestDetail);
  return before;
}

StaleResult ResultAt(const Rows& rows, int row) {
  return {.asset_id = rows.Int(row, 0),
          .point_id = rows.Int(row, 1),
          .stale_id = rows.Int(row, 2),
          .asset = std::string(rows.Text(row, 3)),
          .point = std::string(rows.Text(row, 4)),
          .reason = static_cast<StaleReason>(rows.Int(row, 5)),
          .detail = std::string(rows.Text(row, 6)),
          .period = {.start_us = rows.Int(row, 7), .end_us = rows.Int(row, 8) + 1},
          .record_count = rows.Int(row, 9),
          .records_with_samples = rows.Int(row, 10),
          .change_time_us = rows.Int(row, 11)};
}

absl::StatusOr<std::vector<StaleResult>> ResultsOf(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::vector<StaleResult> results;
  for (int row = 0; row < rows->count(); ++row) results.push_back(ResultAt(*rows, row));
  return results;
}

}  // namespace

absl::StatusOr<std::vector<PointKey>> PointsOfAsset(Connection& connection, int64_t asset_id) {
  const Param values[] = {Int(asset_id)};
  const absl::StatusOr<Rows> rows =
      connection.Query("SELECT point_id FROM point WHERE asset_id = $1 ORDER BY 1", values);
  if (!rows.ok()) return rows.status();
  std::vector<PointKey> points;
  for (int row = 0; row < rows->count(); ++row) points.emplace_back(asset_id, rows->Int(row, 0));
  return points;
}

absl::Status MarkStale(Connection& connection, StaleReason reason,
                       std::span<const StaleChange> changes, std::string_view detail) {
  std::vector<Param> assets, points, replaced;
  for (const StaleChange& change : changes) {
    if (change.before == change.now) continue;
    assets.push_back(Int(change.point.first));
    points.push_back(Int(change.point.second));
  }
  if (assets.empty()) return absl::OkStatus();
  const Param values[] = {Int(static_cast<int64_t>(reason)), Array(assets), Array(points)};
  auto marks =
      MarksOf(connection.Query(
          SELECT_MARKS " AND (p.asset_id, p.point_id) IN (SELECT * FROM unnest($2::bigint[],"
                       " $3::bigint[])) ORDER BY r.stale_id",
          values));
  if (!marks.ok()) return marks.status();
  MarkColumns columns;
  for (const StaleChange& change : changes) {
    const auto found = marks->find(change.point);
    if (change.before == change.now || found == marks->end()) continue;
    Mark& mark = found->second;
    if (mark.stale_id) replaced.push_back(Int(*mark.stale_id));
    Take(change, mark);
    mark.detail = Joined(std::move(mark.detail), detail);
    if (!mark.segments.empty()) columns.Add(change.point, mark);
  }
  return Write(connection, reason, columns, replaced);
}

absl::Status MarkAllStale(Connection& connection, StaleReason reason, const std::string& before,
                          const std::string& now, std::string_view detail) {
  const absl::StatusOr<Rows> rows = connection.Query(
      "SELECT asset_id, point_id FROM point_state WHERE last_measured_at IS NOT NULL");
  if (!rows.ok()) return rows.status();
  std::vector<StaleChange> changes;
  changes.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) {
    changes.push_back(
        {.point = {rows->Int(row, 0), rows->Int(row, 1)}, .before = before, .now = now});
  }
  return MarkStale(connection, reason, changes, detail);
}

absl::Status MarkBaselineStale(Connection& connection, PointKey point, int version) {
  const Param values[] = {
      Int(point.first), Int(point.second), Int(version),
      Int(static_cast<int64_t>(StaleReason::kBaseline)),
      Text(version == 0 ? "learns anew" : absl::StrCat("judged by baseline ", version))};
  absl::Status status = connection.Execute(
      "DELETE FROM stale_result WHERE asset_id = $1 AND point_id = $2 AND reason = $3"
      " AND made_good_by IS NULL",
      std::array{values[0], values[1], values[3]});
  if (!status.ok()) return status;
  return connection.Execute(
      "INSERT INTO stale_result (asset_id, point_id, site_id, reason, detail, start_time, end_time)"
      " SELECT p.asset_id, p.point_id, p.site_id, $4, $5, first, last + interval '1 us'"
      " FROM point_state p CROSS JOIN LATERAL (SELECT min(measured_at) AS first,"
      "   max(measured_at) AS last FROM (SELECT DISTINCT ON (measured_at) measured_at,"
      "    model_version FROM score WHERE score.asset_id = $1 AND score.point_id = $2"
      "    AND (p.learn_since IS NULL OR measured_at > p.learn_since) AND " COUNTED_SCORE
      "    ORDER BY measured_at, run DESC) AS counted WHERE model_version <> $3::int) AS touched"
      " WHERE p.asset_id = $1 AND p.point_id = $2 AND first IS NOT NULL",
      values);
}

absl::StatusOr<std::vector<StaleResult>> ListStaleMarks(Connection& connection, int64_t site_id,
                                                        const StaleCursor& after, int limit) {
  const Param values[] = {Int(site_id), Int(after.asset_id), Int(after.point_id),
                          Int(after.stale_id), Int(limit)};
  return ResultsOf(connection.Query(
      "SELECT r.asset_id, r.point_id, r.stale_id, asset.slug, point.slug, r.reason, r.detail,"
      " unix_us(first), unix_us(last), records, (SELECT count(*) FROM waveform w"
      "  WHERE w.asset_id = r.asset_id AND w.point_id = r.point_id"
      "  AND w.measured_at >= r.start_time AND w.measured_at < r.end_time),"
      " unix_us(r.change_time)"
      " FROM stale_result r JOIN asset USING (asset_id)"
      " JOIN point ON point.asset_id = r.asset_id AND point.point_id = r.point_id"
      " CROSS JOIN LATERAL (SELECT count(*) AS records, min(measured_at) AS first,"
      "  max(measured_at) AS last FROM trend t WHERE t.asset_id = r.asset_id"
      "  AND t.point_id = r.point_id AND t.measured_at >= r.start_time"
      "  AND t.measured_at < r.end_time) AS stored"
      " WHERE r.made_good_by IS NULL AND records > 0 AND ($1::bigint = 0 OR r.site_id = $1)"
      " AND (r.asset_id, r.point_id, r.stale_id) > ($2, $3, $4)"
      " ORDER BY r.asset_id, r.point_id, r.stale_id LIMIT $5",
      values));
}

}  // namespace auscult::db
