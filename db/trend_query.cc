#include "db/trend_query.h"

#include "db/counted_score.h"

// A series is a relation (at, value). Two queries are asked of each: all of it, at most one more
// than the caller can show, and only when there are more, buckets. NaN sorts above infinity in
// PostgreSQL, so that one comparison leaves out both.
#define COUNTED(column)                                                                \
  " (SELECT DISTINCT ON (measured_at) measured_at AS at, " column                      \
  " AS value FROM score"                                                               \
  "  WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3 AND measured_at < $4" \
  "  AND " COUNTED_SCORE                                                               \
  "  ORDER BY measured_at, run DESC) AS series WHERE "                                 \
  "abs(value) < 'infinity'"
#define FEATURE                                                                        \
  " (SELECT measured_at AS at,"                                                        \
  "  features[($7::int[])[array_position($6::smallint[], feature_set)]] AS value"      \
  "  FROM trend"                                                                       \
  "  WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3 AND measured_at < $4" \
  "  AND feature_set = ANY ($6::smallint[])) AS series WHERE abs(value) < 'infinity'"
#define READING                                                                         \
  " (SELECT measured_at AS at, value FROM reading"                                      \
  "  WHERE asset_id = $1 AND quantity = $2 AND measured_at >= $3 AND measured_at < $4)" \
  " AS series WHERE abs(value) < 'infinity'"

#define ALL_OF(series) "SELECT unix_us(at), value FROM" series " ORDER BY at LIMIT $5::int + 1"
// Buckets span what there is, not what was asked for: a period without bounds costs no resolution.
#define BUCKETS_OF(series)                                                                       \
  "WITH member AS MATERIALIZED (SELECT unix_us(at) AS us, value FROM" series                     \
  "), extent AS (SELECT min(us) AS low, (max(us) - min(us)) / $5::int + 1 AS width FROM member)" \
  " SELECT avg(us)::bigint, avg(value), min(value), max(value), count(*)"                        \
  " FROM member, extent GROUP BY (us - low) / width ORDER BY 1"

namespace auscult::db {
namespace {

struct SeriesQuery {
  Sql all, buckets;
};

absl::StatusOr<TrendSeries> Run(Connection& connection, const SeriesQuery& query,
                                std::span<const Param> values, int max_points) {
  absl::StatusOr<Rows> rows = connection.Query(query.all, values);
  if (!rows.ok()) return rows.status();
  TrendSeries series;
  const bool decimate = rows->count() > max_points;
  if (decimate) {
    rows = connection.Query(query.buckets, values);
    if (!rows.ok()) return rows.status();
  }
  for (int row = 0; row < rows->count(); ++row) {
    series.time_us.push_back(rows->Int(row, 0));
    series.value.push_back(static_cast<float>(rows->Real(row, 1)));
    series.record_count += decimate ? rows->Int(row, 4) : 1;
    if (!decimate) continue;
    series.min.push_back(static_cast<float>(rows->Real(row, 2)));
    series.max.push_back(static_cast<float>(rows->Real(row, 3)));
  }
  return series;
}

SeriesQuery QueryOf(TrendSelection::Kind kind) {
  switch (kind) {
    case TrendSelection::Kind::kHealth:
      return {ALL_OF(COUNTED("health")), BUCKETS_OF(COUNTED("health"))};
    case TrendSelection::Kind::kSeverity:
      return {ALL_OF(COUNTED("severity")), BUCKETS_OF(COUNTED("severity"))};
    case TrendSelection::Kind::kFeature:
      break;
  }
  return {ALL_OF(FEATURE), BUCKETS_OF(FEATURE)};
}

}  // namespace

absl::StatusOr<TrendSeries> QueryPointTrend(Connection& connection, int64_t asset_id,
                                            int64_t point_id, const TrendSelection& selection,
                                            Period period, int max_points) {
  std::vector<Param> values = {Int(asset_id), Int(point_id), TimeUs(period.start_us),
                               TimeUs(period.end_us), Int(max_points)};
  if (selection.kind == TrendSelection::Kind::kFeature) {
    // Where the value stands in the vectors of each set, counted from 1.
    std::vector<Param> sets, positions;
    for (const features::FeatureSet& set : features::FeatureSets()) {
      const auto size = static_cast<int>(set.features.size());
      if (set.signal != selection.signal || selection.feature >= size) continue;
      sets.push_back(Int(set.id));
      positions.push_back(Int(selection.channel * size + selection.feature + 1));
    }
    values.push_back(Array(sets));
    values.push_back(Array(positions));
  }
  return Run(connection, QueryOf(selection.kind), values, max_points);
}

absl::StatusOr<TrendSeries> QueryReadings(Connection& connection, int64_t asset_id,
                                          const std::string& quantity, Period period,
                                          int max_points) {
  const Param values[] = {Int(asset_id), Text(quantity), TimeUs(period.start_us),
                          TimeUs(period.end_us), Int(max_points)};
  return Run(connection, {ALL_OF(READING), BUCKETS_OF(READING)}, values, max_points);
}

absl::StatusOr<std::vector<std::string>> ListReadingQuantities(Connection& connection,
                                                               int64_t asset_id) {
  // Skips from name to name along the key, however many readings each has.
  const Param values[] = {Int(asset_id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "WITH RECURSIVE name (quantity) AS ("
      " (SELECT quantity FROM reading WHERE asset_id = $1 ORDER BY quantity LIMIT 1)"
      " UNION ALL SELECT (SELECT r.quantity FROM reading r WHERE r.asset_id = $1"
      "  AND r.quantity > name.quantity ORDER BY r.quantity LIMIT 1) FROM name"
      "  WHERE name.quantity IS NOT NULL)"
      " SELECT quantity FROM name WHERE quantity IS NOT NULL ORDER BY quantity",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> quantities;
  quantities.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) quantities.emplace_back(rows->Text(row, 0));
  return quantities;
}

absl::StatusOr<std::vector<ConditionEvent>> QueryEvents(Connection& connection, int64_t asset_id,
                                                        int64_t point_id, Period period,
                                                        int limit) {
  const Param values[] = {Int(asset_id), Int(point_id), TimeUs(period.start_us),
                          TimeUs(period.end_us), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(measured_at), from_condition, to_condition, verdict, summary FROM event"
      " WHERE asset_id = $1 AND point_id = $2 AND measured_at >= $3 AND measured_at < $4"
      " ORDER BY measured_at DESC LIMIT $5",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<ConditionEvent> events;
  events.reserve(rows->count());
  for (int row = 0; row < rows->count(); ++row) {
    events.push_back({.measured_at_us = rows->Int(row, 0),
                      .from_condition = static_cast<int>(rows->Int(row, 1)),
                      .to_condition = static_cast<int>(rows->Int(row, 2)),
                      .verdict = static_cast<int>(rows->Int(row, 3)),
                      .summary = std::string(rows->Text(row, 4))});
  }
  return events;
}

}  // namespace auscult::db
