#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "db/trend_writer.h"
#include "features/feature_set.h"
#include "models/random.h"
#include "server/fleet_health.h"
#include "server/record_check.h"
#include "tests/server/plant_server.h"

namespace auscult::server {

// A machine with the points "de" and "nde" that has hourly records: levels that wander by half a
// decibel, raised by a fault. The 300th is of this hour.
class HealthPlant : public PlantServer {
 protected:
  static constexpr int64_t kHourUs = 3'600'000'000;
  static constexpr char kAsset[] = "sites/a/assets/pump";
  static constexpr char kPoint[] = "sites/a/assets/pump/points/de";
  static constexpr char kOther[] = "sites/a/assets/pump/points/nde";

  void SetUp() override {
    CreateSite("a");
    CreateAsset("a", "pump");
    v1::Point point = AccelerationPoint();
    point.set_stale_after_s(100 * 86400);  // the records begin days ago
    CreatePoint(kAsset, "de", point);
    CreatePoint(kAsset, "nde", point);
  }

  int64_t TimeOf(int n) const { return start_us_ + n * kHourUs; }
  google::protobuf::Timestamp Timestamp(int n) const {
    google::protobuf::Timestamp time;
    time.set_seconds(TimeOf(n) / 1'000'000);
    return time;
  }

  // The same arguments give the same record.
  db::Record Make(const std::string& point, int n, float fault_db = 0) {
    db::Record record = RecordOf(*directory_.Find(point).value());
    const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
    models::Random random(7, 1, static_cast<uint64_t>(n));
    record.measured_at_us = TimeOf(n);
    record.features.set_id = set.id;
    record.features.channel_count = 1;
    for (const features::FeatureDefinition& feature : set.features) {
      const bool level = feature.scale == features::Scale::kLevelDb;
      record.features.values.push_back(level ? static_cast<float>(0.5 * random.Normal()) + fault_db
                                             : features::kNotKnown);
    }
    record.features.speed_rpm = 1480;
    record.features.load_percent = features::kNotKnown;
    record.content_hash = std::to_string(n) + "/" + std::to_string(fault_db);
    record.content_hash.resize(16, '.');
    return record;
  }

  std::vector<db::Record> Series(const std::string& point, int first, int count,
                                 float fault_db = 0) {
    std::vector<db::Record> records;
    for (int n = first; n < first + count; ++n) records.push_back(Make(point, n, fault_db));
    return records;
  }

  // Answers the last outcome.
  db::Outcome Write(const std::vector<db::Record>& records) {
    const auto outcomes = writer_.Write(records);
    EXPECT_TRUE(outcomes.ok()) << outcomes.status();
    if (!outcomes.ok()) return {};
    for (const db::Outcome& outcome : *outcomes) {
      EXPECT_EQ(outcome.kind, db::Outcome::Kind::kAccepted) << outcome.rejection;
    }
    return outcomes->back();
  }
  db::Outcome WriteSeries(const std::string& point, int first, int count, float fault_db = 0) {
    return Write(Series(point, first, count, fault_db));
  }

  v1::AssetHealthReport Report() {
    v1::GetAssetHealthRequest request;
    request.set_name(kAsset);
    v1::AssetHealthReport report;
    const grpc::Status status = Call(&v1::HealthService::Stub::GetAssetHealth, request, report);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return report;
  }
  v1::PointHealth HealthOf(const std::string& point) {
    const v1::AssetHealthReport report = Report();
    for (const v1::NamedPointHealth& named : report.points()) {
      if (named.name() == point) return named.health();
    }
    ADD_FAILURE() << point << " is not in the report";
    return {};
  }

  std::string Text(db::Sql sql) {
    const auto rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() && rows->count() > 0 && !rows->IsNull(0, 0) ? std::string(rows->Text(0, 0))
                                                                 : "";
  }

  using HealthStub = v1::HealthService::Stub;
  db::TrendWriter writer_{database_.conninfo(), &baselines_};

 private:
  const int64_t start_us_ = NowUs() / kHourUs * kHourUs - 300 * kHourUs;
};

}  // namespace auscult::server
