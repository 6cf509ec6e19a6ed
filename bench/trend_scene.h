#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "db/plant_store.h"
#include "db/postgres.h"
#include "db/rollup.h"
#include "features/feature_set.h"
#include "models/random.h"

// What trend_bench asks about: one point with years of records, and a fleet with a month of them.
namespace auscult::bench {

inline constexpr int64_t kStepUs = 600'000'000;
inline constexpr int kFleetDays = 30;
inline constexpr int kPointsOfAnAsset = 4;

[[noreturn]] inline void Die(const std::string& why) {
  std::fprintf(stderr, "trend_bench: %s\n", why.c_str());
  std::exit(1);
}

inline void Check(const absl::Status& status) {
  if (!status.ok()) Die(status.ToString());
}

inline void Execute(db::Connection& connection, db::Sql sql,
                    std::span<const db::Param> values = {}) {
  Check(connection.Execute(sql, values));
}

// The feature that is asked for, as it was made.
class LongTrend {
 public:
  static constexpr std::string_view kFeature = "level_db";

  explicit LongTrend(double years)
      : end_us_(db::HourOf(absl::ToUnixMicros(absl::Now())) + 5 * 60'000'000),
        start_us_(end_us_ - static_cast<int64_t>(years * 365.0 * db::kDayUs)) {}

  int64_t count() const { return (end_us_ - start_us_) / kStepUs; }
  int64_t TimeUs(int64_t n) const { return start_us_ + n * kStepUs; }
  int64_t end_us() const { return end_us_; }

  static float Value(int64_t n) {
    models::Random random(3, 1, static_cast<uint64_t>(n));
    return static_cast<float>(5 * std::sin(static_cast<double>(n) * 1e-4) + random.Normal());
  }

  // In portions, so that the buffer stays small.
  void Load(db::Connection& connection, const db::Point& point) const {
    const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
    const auto place = static_cast<size_t>(features::FeatureIndex(set, kFeature));
    std::vector<float> features(set.features.size(), 1.0f);
    for (int64_t first = 0; first < count(); first += 50'000) {
      db::CopyBuffer trends, scores;
      for (int64_t n = first; n < std::min(count(), first + 50'000); ++n) {
        for (size_t i = 0; i < features.size(); ++i) {
          features[i] = static_cast<float>(static_cast<double>(n + 31 * static_cast<int64_t>(i)));
        }
        features[place] = Value(n);
        AppendRecord(point, TimeUs(n), features, trends, scores);
      }
      Check(
          connection.CopyIn("COPY trend (asset_id, point_id, measured_at, site_id, feature_set,"
                            " source, quality, speed_rpm, load_percent, content_hash, features)"
                            " FROM STDIN (FORMAT binary)",
                            trends.Finish()));
      Check(
          connection.CopyIn("COPY score (asset_id, point_id, measured_at, model_version, site_id,"
                            " condition, zone, verdict, health, severity, confidence)"
                            " FROM STDIN (FORMAT binary)",
                            scores.Finish()));
    }
  }

 private:
  static void AppendRecord(const db::Point& point, int64_t at_us, std::span<const float> features,
                           db::CopyBuffer& trends, db::CopyBuffer& scores) {
    trends.StartRow(11);
    trends.Int64(point.asset_id);
    trends.Int64(point.point_id);
    trends.TimeUs(at_us);
    trends.Int64(point.site_id);
    trends.Int16(features::kVibrationSet);
    trends.Int16(2);
    trends.Int32(0);
    trends.Float32(1480);
    trends.Null();
    trends.Bytes("0123456789abcdef");
    trends.FloatArray(features);
    scores.StartRow(11);
    scores.Int64(point.asset_id);
    scores.Int64(point.point_id);
    scores.TimeUs(at_us);
    scores.Int32(1);
    scores.Int64(point.site_id);
    scores.Int16(1);
    scores.Int16(1);
    scores.Int16(0);
    scores.Float32(90);
    scores.Float32(1);
    scores.Float32(1);
  }

  const int64_t end_us_, start_us_;
};

inline db::Point MakeLongPoint(db::Connection& connection) {
  db::Site site;
  site.slug = "fleet";
  Check(db::CreateSite(connection, site).status());
  db::Asset asset;
  asset.site_slug = "fleet";
  asset.slug = "long";
  Check(db::CreateAsset(connection, asset).status());
  db::Point point;
  point.site_slug = "fleet";
  point.asset_slug = "long";
  point.slug = "de";
  point.definition =
      R"({"channels":[{"id":"H","quantity":"QUANTITY_ACCELERATION","unit":"m/s2"}]})";
  const auto row = db::CreatePoint(connection, point);
  Check(row.status());
  return *row;
}

inline void MakePartitions(db::Connection& connection, int64_t start_us, int64_t end_us) {
  const db::Param values[] = {db::TimeUs(start_us), db::TimeUs(end_us)};
  Execute(connection,
          "SELECT make_partition(parent, month) FROM generate_series(date_trunc('month',"
          " $1::timestamptz), $2::timestamptz, interval '1 month') AS month,"
          " unnest(ARRAY['trend', 'score', 'event', 'reading']) AS parent",
          values);
}

// Points `first` to before `end` with their records and states: of a hundred, one in alarm, two in
// alert, three in watch.
inline void LoadFleet(db::Connection& connection, int first, int end) {
  const db::Param values[] = {db::Int(first), db::Int(end), db::Int(kPointsOfAnAsset)};
  Execute(connection,
          "INSERT INTO asset (site_id, slug) SELECT site_id, 'machine-' || n FROM site,"
          " generate_series($1::int / $3::int, ($2::int - 1) / $3::int) AS n",
          values);
  Execute(connection,
          "INSERT INTO point (asset_id, site_id, slug, definition)"
          " SELECT asset_id, site_id, 'p' || n % $3::int,"
          " '{\"channels\":[{\"id\":\"H\",\"quantity\":\"QUANTITY_ACCELERATION\"}]}'"
          " FROM generate_series($1::int, $2::int - 1) AS n"
          " JOIN asset ON slug = 'machine-' || n / $3::int",
          values);
  // Evidence as long as that of a real point.
  Execute(
      connection,
      "INSERT INTO point_state (asset_id, point_id, site_id, model_version, state, record_count,"
      " last_measured_at, received_at, condition, since, health, severity, zone, verdict,"
      " confidence, detail)"
      " SELECT asset_id, point_id, site_id, 1, decode(repeat('5a', 6000), 'hex'), 720,"
      " date_trunc('hour', now()), now(),"
      " CASE WHEN u < 1 THEN 4 WHEN u < 3 THEN 3 WHEN u < 6 THEN 2 ELSE 1 END, now(),"
      " CASE WHEN u < 6 THEN u * 10 + 5 * random() ELSE 80 + 20 * random() END, 1, 1, 1, 0.9,"
      " json_build_object('summary', repeat('x', 200), 'contributions', '[]'::json)"
      " FROM (SELECT *, (hashint8(point_id) & 65535) / 655.36"
      "  AS u FROM point WHERE NOT EXISTS (SELECT FROM point_state s"
      "  WHERE s.point_id = point.point_id)) AS point");
}

inline void LoadFleetRecords(db::Connection& connection, int first, int end) {
  constexpr int kAtOnce = 60 * kPointsOfAnAsset;  // whole assets
  for (int n = first; n < end; n += kAtOnce) {
    const db::Param values[] = {db::Int(n / kPointsOfAnAsset),
                                db::Int((std::min(end, n + kAtOnce) - 1) / kPointsOfAnAsset),
                                db::Int(kFleetDays)};
    Execute(connection,
            "WITH vector AS (SELECT array_agg(random()::real) AS features"
            "  FROM generate_series(1, 66)),"
            " record AS (SELECT point.asset_id, point_id, point.site_id, at FROM point"
            "  JOIN asset USING (asset_id), generate_series(date_trunc('hour', now())"
            "  - $3::int * interval '1 day' + interval '1 hour', date_trunc('hour', now()),"
            "  interval '1 hour') AS at"
            "  WHERE asset.slug IN (SELECT 'machine-' || m FROM generate_series($1::int, $2::int)"
            "   AS m)),"
            " trends AS (INSERT INTO trend (asset_id, point_id, measured_at, site_id, feature_set,"
            "  source, quality, content_hash, features) SELECT asset_id, point_id, at, site_id, 3,"
            "  2, 0, '\\x30313233343536373839616263646566', features FROM record, vector)"
            " INSERT INTO score (asset_id, point_id, measured_at, model_version, site_id,"
            "  condition, zone, verdict, health, severity, confidence)"
            " SELECT asset_id, point_id, at, 1, site_id, 1, 1, 0, 90, 1, 1 FROM record",
            values);
  }
}

}  // namespace auscult::bench
