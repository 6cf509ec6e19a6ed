#include <algorithm>

#include "db/stale_store.h"
#include "features/feature_set.h"

namespace auscult::db {

// Feature sets become newer as time goes on, so that the first record tells whether there is
// anything, and the first one of a newest set where it ends.
absl::StatusOr<std::vector<StaleResult>> ListOldFeatures(Connection& connection, int64_t site_id,
                                                         const StaleCursor& after, int limit) {
  std::vector<Param> newest;
  for (const features::Signal signal : {features::Signal::kVibration, features::Signal::kCurrent}) {
    newest.push_back(Int(features::NewestFeatureSet(signal).id));
  }
  const Param values[] = {Int(site_id), Int(after.asset_id), Int(after.point_id), Int(limit),
                          Array(newest)};
  const absl::StatusOr<Rows> rows = connection.Query(
      "WITH old AS (SELECT p.asset_id, p.point_id, p.site_id, first.measured_at AS first,"
      "   first.feature_set"
      "  FROM point_state p CROSS JOIN LATERAL (SELECT measured_at, feature_set FROM trend t"
      "   WHERE t.asset_id = p.asset_id AND t.point_id = p.point_id"
      "   ORDER BY measured_at LIMIT 1) AS first"
      "  WHERE ($1::bigint = 0 OR p.site_id = $1) AND (p.asset_id, p.point_id) > ($2, $3)"
      "  AND first.feature_set <> ALL ($5::smallint[])"
      "  AND NOT EXISTS (SELECT FROM extraction e JOIN adopted_run a ON a.asset_id = e.asset_id"
      "   AND a.point_id = e.point_id AND a.run = e.run WHERE e.asset_id = p.asset_id"
      "   AND e.point_id = p.point_id AND e.measured_at = first.measured_at"
      "   AND e.feature_set = ANY ($5::smallint[]))"
      "  ORDER BY 1, 2 LIMIT $4)"
      " SELECT old.asset_id, old.point_id, asset.slug, point.slug, old.feature_set,"
      "  unix_us(first), unix_us(last), records, (SELECT count(*) FROM waveform w"
      "   WHERE w.asset_id = old.asset_id AND w.point_id = old.point_id"
      "   AND w.measured_at >= first AND w.measured_at <= last)"
      " FROM old JOIN asset USING (asset_id)"
      " JOIN point ON point.asset_id = old.asset_id AND point.point_id = old.point_id"
      " LEFT JOIN LATERAL (SELECT measured_at AS newer FROM trend t"
      "  WHERE t.asset_id = old.asset_id AND t.point_id = old.point_id"
      "  AND t.measured_at >= first AND t.feature_set = ANY ($5::smallint[])"
      "  ORDER BY measured_at LIMIT 1) AS renewed ON true"
      " CROSS JOIN LATERAL (SELECT count(*) AS records, max(measured_at) AS last FROM trend t"
      "  WHERE t.asset_id = old.asset_id AND t.point_id = old.point_id"
      "  AND t.measured_at >= first AND (newer IS NULL OR t.measured_at < newer)) AS counted"
      " ORDER BY 1, 2",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<StaleResult> results;
  for (int row = 0; row < rows->count(); ++row) {
    const features::FeatureSet* const set =
        features::FindFeatureSet(static_cast<int16_t>(rows->Int(row, 4)));
    StaleResult result{.asset_id = rows->Int(row, 0),
                       .point_id = rows->Int(row, 1),
                       .stale_id = 0,
                       .asset = std::string(rows->Text(row, 2)),
                       .point = std::string(rows->Text(row, 3)),
                       .reason = StaleReason::kFeatureSet,
                       .detail = "",
                       .period = {.start_us = rows->Int(row, 5), .end_us = rows->Int(row, 6) + 1},
                       .record_count = rows->Int(row, 7),
                       .records_with_samples = rows->Int(row, 8)};
    if (set != nullptr) {
      result.detail = std::string(set->name) + " -> " +
                      std::string(features::NewestFeatureSet(set->signal).name);
    }
    results.push_back(std::move(result));
  }
  return results;
}

absl::StatusOr<std::optional<Period>> StaleMachinePeriod(Connection& connection, PointKey point) {
  const Param values[] = {Int(point.first), Int(point.second),
                          Int(static_cast<int64_t>(StaleReason::kMachine))};
  const absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(min(start_time)), unix_us(max(end_time)) FROM stale_result"
      " WHERE asset_id = $1 AND point_id = $2 AND reason = $3 AND made_good_by IS NULL",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->IsNull(0, 0)) return std::nullopt;
  return Period{.start_us = rows->Int(0, 0), .end_us = rows->Int(0, 1)};
}

absl::StatusOr<std::map<PointKey, Period>> StalePeriods(Connection& connection, bool from_samples) {
  constexpr int kAtOnce = 1000;
  const Param values[] = {Bool(from_samples), Int(static_cast<int64_t>(StaleReason::kMachine))};
  const absl::StatusOr<Rows> rows = connection.Query(
      "SELECT asset_id, point_id, unix_us(min(start_time)), unix_us(max(end_time))"
      " FROM stale_result WHERE made_good_by IS NULL AND ($1 OR reason <> $2) GROUP BY 1, 2",
      values);
  if (!rows.ok()) return rows.status();
  std::map<PointKey, Period> periods;
  for (int row = 0; row < rows->count(); ++row) {
    periods[{rows->Int(row, 0), rows->Int(row, 1)}] = {.start_us = rows->Int(row, 2),
                                                       .end_us = rows->Int(row, 3)};
  }
  StaleCursor after;
  for (bool more = from_samples; more;) {
    const auto page = ListOldFeatures(connection, 0, after, kAtOnce);
    if (!page.ok()) return page.status();
    for (const StaleResult& result : *page) {
      const auto [found, first] =
          periods.try_emplace({result.asset_id, result.point_id}, result.period);
      Period& period = found->second;
      period.start_us = std::min(period.start_us, result.period.start_us);
      period.end_us = std::max(period.end_us, result.period.end_us);
      after = {result.asset_id, result.point_id, 0};
    }
    more = page->size() == kAtOnce;
  }
  return periods;
}

}  // namespace auscult::db
