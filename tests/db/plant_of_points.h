#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "db/plant_store.h"
#include "db/trend_writer.h"
#include "features/feature_set.h"
#include "models/random.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {

// A fresh database with one site, one asset and some points, and records for them: levels that
// wander by half a decibel, raised by a fault.
class PlantOfPoints {
 public:
  static constexpr int64_t kStartUs = 1'700'000'000'000'000;  // 2023-11-14
  static constexpr int64_t kHourUs = 3'600'000'000;

  explicit PlantOfPoints(int point_count = 1,
                         support::PostgresCluster& cluster = support::PostgresCluster::Shared())
      : database_(cluster), connection_(database_.Connect()) {
    Site site;
    site.slug = "s";
    EXPECT_TRUE(CreateSite(*connection_, site).ok());
    Asset asset;
    asset.site_slug = "s";
    asset.slug = "a";
    EXPECT_TRUE(CreateAsset(*connection_, asset).ok());
    for (int i = 0; i < point_count; ++i) {
      Point point;
      point.site_slug = "s";
      point.asset_slug = "a";
      point.slug = "p" + std::to_string(i);
      points_.push_back(CreatePoint(*connection_, point).value());
    }
  }

  Connection& connection() { return *connection_; }
  void Reconnect() { connection_ = database_.Connect(); }
  const std::string& conninfo() const { return database_.conninfo(); }
  const support::TestDatabase& database() const { return database_; }
  const Point& point(int index) const { return points_.at(static_cast<size_t>(index)); }

  // The n-th record of a point, an hour after the one before. The same arguments give the same
  // record.
  Record Make(int point_index, int n, float fault_db = 0) const {
    const Point& of = point(point_index);
    Record record;
    record.site_id = of.site_id;
    record.asset_id = of.asset_id;
    record.point_id = of.point_id;
    record.measured_at_us = kStartUs + n * kHourUs;
    record.features = Levels(static_cast<uint64_t>(n), fault_db);
    record.content_hash = Hash(n, fault_db);
    return record;
  }

  std::vector<Record> MakeSeries(int point_index, int first, int count, float fault_db = 0) const {
    std::vector<Record> records;
    for (int n = first; n < first + count; ++n) records.push_back(Make(point_index, n, fault_db));
    return records;
  }

  static RawSamples Raw(char fill = 'x') {
    return {.sample_rate_hz = 25600,
            .channels = R"([{"unit": "m/s2"}])",
            .samples = std::string(1000, fill)};
  }

  int64_t Count(Sql sql) {
    const absl::StatusOr<Rows> rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  std::string Text(Sql sql) {
    const absl::StatusOr<Rows> rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() && rows->count() > 0 && !rows->IsNull(0, 0) ? std::string(rows->Text(0, 0))
                                                                 : "";
  }

  // Everything that is stored of records, for comparing.
  std::string Everything() {
    return Text(
        "SELECT md5(concat((SELECT string_agg(t::text, ',' ORDER BY t::text) FROM trend t),"
        " (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM score t),"
        " (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM event t),"
        " (SELECT string_agg(t::text, ',' ORDER BY t::text) FROM waveform t),"
        " (SELECT string_agg((to_jsonb(t) - 'create_time')::text, ',' ORDER BY t.point_id)"
        "  FROM baseline t),"
        " (SELECT string_agg((to_jsonb(t) - 'received_at')::text, ',' ORDER BY t.point_id)"
        "  FROM point_state t)))");
  }

  int Accepted(const absl::StatusOr<std::vector<Outcome>>& outcomes) {
    EXPECT_TRUE(outcomes.ok()) << outcomes.status();
    int count = 0;
    for (const Outcome& outcome : *outcomes) count += outcome.kind == Outcome::Kind::kAccepted;
    return count;
  }

 private:
  static features::FeatureVector Levels(uint64_t n, float fault_db) {
    const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
    models::Random random(7, 1, n);
    features::FeatureVector vector;
    vector.set_id = set.id;
    vector.channel_count = 1;
    for (const features::FeatureDefinition& feature : set.features) {
      const bool level = feature.scale == features::Scale::kLevelDb;
      vector.values.push_back(level ? static_cast<float>(0.5 * random.Normal()) + fault_db
                                    : features::kNotKnown);
    }
    vector.speed_rpm = 1480;
    vector.load_percent = features::kNotKnown;
    return vector;
  }

  static std::string Hash(int n, float fault_db) {
    std::string hash = std::to_string(n) + "/" + std::to_string(fault_db);
    hash.resize(16, '.');
    return hash;
  }

  support::TestDatabase database_;
  std::unique_ptr<Connection> connection_;
  std::vector<Point> points_;
};

}  // namespace auscult::db
