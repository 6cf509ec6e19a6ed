#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/ingest_scene.h"
#include "db/baseline_cache.h"
#include "db/partitions.h"
#include "db/plant_store.h"
#include "db/record_rows.h"
#include "db/trend_writer.h"
#include "features/extract.h"
#include "models/random.h"

// The history that rescore_bench scores again: points whose levels wander by half a decibel, a
// record every ten minutes, every thousandth raised by a fault.
namespace auscult::bench {

inline constexpr int64_t kFirstUs = 1'700'000'000'000'000;  // 2023-11-14
inline constexpr int64_t kTenMinutesUs = 600'000'000;
inline constexpr int kLearntRecords = 300;

inline void Check(const absl::Status& status) {
  if (!status.ok()) Die(status.ToString());
}
template <typename T>
T Checked(absl::StatusOr<T> value) {
  if (!value.ok()) Die(value.status().ToString());
  return *std::move(value);
}

inline features::FeatureVector LevelsOf(int point, int n) {
  const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
  models::Random random(11, static_cast<uint64_t>(point), static_cast<uint64_t>(n));
  features::FeatureVector vector;
  vector.set_id = set.id;
  vector.channel_count = 1;
  const float fault_db = n % 1000 >= 990 ? 12 : 0;
  for (const features::FeatureDefinition& feature : set.features) {
    const bool level = feature.scale == features::Scale::kLevelDb;
    vector.values.push_back(level ? static_cast<float>(0.5 * random.Normal()) + fault_db
                                  : features::kNotKnown);
  }
  vector.speed_rpm = kSpeedRpm;
  vector.load_percent = features::kNotKnown;
  return vector;
}

inline std::vector<db::Point> MakePoints(db::Connection& connection, const std::string& site_slug,
                                         const std::string& machine_json, int count) {
  db::Site site;
  site.slug = site_slug;
  Checked(db::CreateSite(connection, site));
  db::Asset asset;
  asset.site_slug = site_slug;
  asset.slug = "a";
  asset.machine = machine_json;
  Checked(db::CreateAsset(connection, asset));
  std::vector<db::Point> points;
  for (int i = 0; i < count; ++i) {
    db::Point point;
    point.site_slug = site_slug;
    point.asset_slug = "a";
    point.slug = "p" + std::to_string(i);
    point.definition = R"({"channels":[{"quantity":"QUANTITY_ACCELERATION","unit":"m/s2"}]})";
    points.push_back(Checked(db::CreatePoint(connection, point)));
  }
  return points;
}

inline db::Record RecordAt(const db::Point& point, int index, int n) {
  db::Record record;
  record.site_id = point.site_id;
  record.asset_id = point.asset_id;
  record.point_id = point.point_id;
  record.measured_at_us = kFirstUs + n * kTenMinutesUs;
  record.features = LevelsOf(index, n);
  record.content_hash = std::to_string(n);
  record.content_hash.resize(16, '.');
  return record;
}

// The first records of each point come in as records do, so that it learns; the others are copied.
inline void FillHistory(const std::string& conninfo, const std::vector<db::Point>& points,
                        int records_per_point) {
  constexpr int kAtOnce = 5000;
  db::BaselineCache baselines(100);
  db::TrendWriter writer(conninfo, &baselines);
  const auto connection = Checked(db::Connection::Open(conninfo));
  db::PartitionCache partitions;
  for (size_t p = 0; p < points.size(); ++p) {
    std::vector<db::Record> first;
    for (int n = 0; n < kLearntRecords; ++n) {
      first.push_back(RecordAt(points[p], static_cast<int>(p), n));
    }
    Checked(writer.Write(first));
    for (int begin = kLearntRecords; begin < records_per_point; begin += kAtOnce) {
      db::RecordRows rows;
      std::vector<int64_t> times_us;
      for (int n = begin; n < std::min(begin + kAtOnce, records_per_point); ++n) {
        const db::Record record = RecordAt(points[p], static_cast<int>(p), n);
        times_us.push_back(record.measured_at_us);
        rows.AddTrend(record, record.features.quality);
      }
      Check(partitions.EnsureFor(*connection, times_us));
      Check(db::InTransaction(*connection, [&] { return rows.CopyTrends(*connection); }));
    }
  }
  Check(connection->ExecuteScript("VACUUM ANALYZE trend"));
  Check(connection->ExecuteScript("CHECKPOINT"));
}

// Records with samples, extracted on the way.
inline void FillSamples(const std::string& conninfo, const std::vector<db::Point>& points,
                        int records_per_point) {
  db::BaselineCache baselines(100);
  db::TrendWriter writer(conninfo, &baselines);
  const auto machine = std::make_shared<features::Machine>(BenchMachine().machine);
  features::Extractor extractor;
  for (size_t p = 0; p < points.size(); ++p) {
    std::vector<db::Record> batch;
    for (int n = 0; n < records_per_point; ++n) {
      db::Record record = RecordAt(points[p], static_cast<int>(p), n);
      const int window = n % kDistinctWindows;
      Check(extractor.Extract(WaveformOf(window), *machine, record.features));
      record.machine = machine;
      record.keep_raw_every = 1;
      record.raw = {kRateHz,
                    R"([{"id":"","unit":"m/s2","encoding":"FLOAT32_LE","scale":1.0,"offset":0.0,)"
                    R"("samples":16384}])",
                    OctetsOf(window)};
      batch.push_back(std::move(record));
      if (batch.size() == 128 || n + 1 == records_per_point) {
        for (const db::Outcome& outcome : Checked(writer.Write(batch))) {
          if (outcome.kind != db::Outcome::Kind::kAccepted) Die(outcome.rejection.ToString());
        }
        batch.clear();
      }
    }
  }
}

}  // namespace auscult::bench
