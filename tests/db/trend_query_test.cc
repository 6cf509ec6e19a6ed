#include "db/trend_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "db/reading_writer.h"
#include "features/vibration_set.h"
#include "tests/db/plant_of_points.h"

namespace auscult::db {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Period kAlways = {0, std::numeric_limits<int64_t>::max()};
constexpr int64_t kStartUs = PlantOfPoints::kStartUs;
constexpr int64_t kHourUs = PlantOfPoints::kHourUs;

int LevelIndex() {
  return features::FeatureIndex(*features::FindFeatureSet(features::kVibrationSet), "level_db");
}

TrendSelection Level() {
  return {.kind = TrendSelection::Kind::kFeature,
          .signal = features::Signal::kVibration,
          .feature = LevelIndex()};
}

// A point with 200 records whose level is known.
class Recorded {
 public:
  Recorded() : baselines_(10), writer_(plant_.conninfo(), &baselines_) {
    for (int n = 0; n < 200; ++n) {
      records_.push_back(plant_.Make(0, n));
      LevelOf(n) = static_cast<float>(0.04 * std::sin(n * 0.7) * n);
    }
    EXPECT_EQ(plant_.Accepted(writer_.Write(records_)), 200);
  }
  float& LevelOf(int n) {
    return records_[static_cast<size_t>(n)].features.values[static_cast<size_t>(LevelIndex())];
  }
  TrendSeries Query(const TrendSelection& selection, Period period, int max_points) {
    TrendOptions options;
    options.period = period;
    options.max_points = max_points;
    const auto series = QueryPointTrends(plant_.connection(), plant_.point(0).asset_id,
                                         plant_.point(0).point_id, {&selection, 1}, options);
    EXPECT_TRUE(series.ok()) << series.status();
    return series.ok() ? series->front() : TrendSeries();
  }
  PlantOfPoints& plant() { return plant_; }
  const Record& record(int n) const { return records_[static_cast<size_t>(n)]; }

 private:
  PlantOfPoints plant_;
  BaselineCache baselines_;
  TrendWriter writer_;
  std::vector<Record> records_;
};

TEST(TrendQuery, GivesEveryRecordWhereThereIsRoom) {
  Recorded recorded;
  const TrendSeries series = recorded.Query(Level(), kAlways, 200);
  ASSERT_EQ(series.time_us.size(), 200u);
  EXPECT_EQ(series.record_count, 200);
  EXPECT_TRUE(series.min.empty() && series.max.empty());
  for (int n = 0; n < 200; ++n) {
    EXPECT_EQ(series.time_us[static_cast<size_t>(n)], kStartUs + n * kHourUs);
    EXPECT_EQ(series.value[static_cast<size_t>(n)], recorded.LevelOf(n));
  }
}

TEST(TrendQuery, PeriodsIncludeTheirStartAndNotTheirEnd) {
  Recorded recorded;
  const TrendSeries series =
      recorded.Query(Level(), {kStartUs + 10 * kHourUs, kStartUs + 20 * kHourUs}, 100);
  ASSERT_EQ(series.time_us.size(), 10u);
  EXPECT_EQ(series.time_us.front(), kStartUs + 10 * kHourUs);
  EXPECT_EQ(recorded.Query(Level(), {kStartUs, kStartUs}, 100).record_count, 0);
}

// Against the same buckets made here.
TEST(TrendQuery, DecimationKeepsExtremesAndCountsEveryRecord) {
  Recorded recorded;
  for (const int max_points : {199, 50, 7, 1}) {
    SCOPED_TRACE(max_points);
    const TrendSeries series = recorded.Query(Level(), kAlways, max_points);
    EXPECT_LE(series.time_us.size(), static_cast<size_t>(max_points));
    EXPECT_GT(series.time_us.size(), static_cast<size_t>(max_points) / 2);
    EXPECT_EQ(series.record_count, 200);
    const int64_t width_us = 199 * kHourUs / max_points + 1;
    size_t bucket = 0;
    for (int n = 0; n < 200;) {
      float lowest = recorded.LevelOf(n), highest = lowest;
      double sum = 0, time_sum_us = 0;
      int count = 0;
      for (const int64_t place = n * kHourUs / width_us; n < 200 && n * kHourUs / width_us == place;
           ++n, ++count) {
        lowest = std::min(lowest, recorded.LevelOf(n));
        highest = std::max(highest, recorded.LevelOf(n));
        sum += recorded.LevelOf(n);
        time_sum_us += static_cast<double>(n * kHourUs);
      }
      ASSERT_LT(bucket, series.time_us.size());
      EXPECT_EQ(series.min[bucket], lowest);
      EXPECT_EQ(series.max[bucket], highest);
      EXPECT_NEAR(series.value[bucket], sum / count, 1e-4 * std::abs(sum / count) + 1e-4);
      EXPECT_NEAR(static_cast<double>(series.time_us[bucket] - kStartUs), time_sum_us / count, 1);
      ++bucket;
    }
    EXPECT_EQ(bucket, series.time_us.size());
  }
}

TEST(TrendQuery, LeavesOutRecordsThatLackTheValue) {
  Recorded recorded;
  ASSERT_TRUE(recorded.plant()
                  .connection()
                  .Execute("UPDATE trend SET features[14] = 'NaN' WHERE extract(hour FROM"
                           " measured_at) = 3")
                  .ok());
  ASSERT_EQ(LevelIndex(), 13);
  const TrendSeries series = recorded.Query(Level(), kAlways, 1000);
  EXPECT_LT(series.record_count, 200);
  EXPECT_GT(series.record_count, 150);
  EXPECT_TRUE(std::none_of(series.value.begin(), series.value.end(),
                           [](float value) { return std::isnan(value); }));
  TrendSelection other = Level();
  other.signal = features::Signal::kCurrent;
  EXPECT_EQ(recorded.Query(other, kAlways, 1000).record_count, 0);
  TrendSelection beyond = Level();
  beyond.feature = 5000;
  EXPECT_EQ(recorded.Query(beyond, kAlways, 1000).record_count, 0);
}

TEST(TrendQuery, HealthIsThatOfTheLargestRunThatThePointAdopted) {
  Recorded recorded;
  const TrendSelection health{.kind = TrendSelection::Kind::kHealth};
  const TrendSelection severity{.kind = TrendSelection::Kind::kSeverity};
  const TrendSeries before = recorded.Query(severity, kAlways, 1000);
  EXPECT_EQ(before.record_count, 200 - 65);  // nothing to say while learning
  for (const int run : {7, 8}) {
    const Param values[] = {Int(run), Int(35 + run)};
    ASSERT_TRUE(
        recorded.plant()
            .connection()
            .Execute("INSERT INTO score (asset_id, point_id, measured_at, model_version, site_id,"
                     " condition, zone, verdict, health, severity, confidence, run)"
                     " SELECT asset_id, point_id, measured_at, model_version, site_id, condition,"
                     " zone, verdict, $2::int, 1.5, confidence, $1::bigint FROM score"
                     " WHERE model_version = 1 AND run = 0",
                     values)
            .ok());
  }
  EXPECT_EQ(recorded.Query(severity, kAlways, 1000).value, before.value);
  ASSERT_TRUE(recorded.plant()
                  .connection()
                  .Execute("INSERT INTO adopted_run SELECT asset_id, point_id, 7, site_id,"
                           " '-infinity', 'infinity' FROM point")
                  .ok());
  const TrendSeries after = recorded.Query(severity, kAlways, 1000);
  EXPECT_EQ(after.time_us, before.time_us);
  EXPECT_THAT(after.value, ::testing::Each(1.5f));
  EXPECT_THAT(recorded.Query(health, {kStartUs + 65 * kHourUs, kAlways.end_us}, 10).max,
              ::testing::Each(42.0f));
}

// A server that was upgraded has rows of both sets.
TEST(TrendQuery, JoinsRecordsOfOlderAndNewerFeatureSets) {
  Recorded recorded;
  const std::vector<float> all = recorded.Query(Level(), kAlways, 1000).value;
  ASSERT_TRUE(recorded.plant()
                  .connection()
                  .Execute("UPDATE trend SET feature_set = 1, features = features[:64] WHERE"
                           " extract(hour FROM measured_at) < 12")
                  .ok());
  EXPECT_EQ(recorded.Query(Level(), kAlways, 1000).value, all);
  TrendSelection newer = Level();
  newer.feature = features::kVibrationCount1;
  ASSERT_TRUE(recorded.plant()
                  .connection()
                  .Execute("UPDATE trend SET features[65] = 7 WHERE feature_set > 1")
                  .ok());
  const TrendSeries series = recorded.Query(newer, kAlways, 1000);
  EXPECT_GT(series.record_count, 80);
  EXPECT_LT(series.record_count, 120);
  EXPECT_THAT(series.value, ::testing::Each(7.0f));
}

TEST(Readings, AreStoredOnceAndNeverChanged) {
  PlantOfPoints plant;
  PartitionCache partitions;
  const int64_t asset = plant.point(0).asset_id, site = plant.point(0).site_id;
  const std::vector<Reading> readings = {{"temperature_c", kStartUs, 40.5},
                                         {"flow_m3_h", kStartUs, 0.1},
                                         {"temperature_c", kStartUs, 40.5}};
  const auto first = WriteReadings(plant.connection(), partitions, site, asset, readings);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->accepted, 2);
  EXPECT_EQ(first->duplicates, 1);
  const std::vector<Reading> changed = {{"temperature_c", kStartUs + kHourUs, 50},
                                        {"flow_m3_h", kStartUs, 0.2}};
  const auto second = WriteReadings(plant.connection(), partitions, site, asset, changed);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr("reading flow_m3_h at 2023-11-14 22:13:20+00 is stored as 0.1, not 0.2"));
  EXPECT_EQ(plant.Count("SELECT count(*) FROM reading"), 2);  // all or none
  EXPECT_EQ(
      WriteReadings(plant.connection(), partitions, site, asset + 1, readings).status().code(),
      absl::StatusCode::kNotFound);
}

TEST(Readings, ThatAreNoNumbersAreRefused) {
  PlantOfPoints plant;
  PartitionCache partitions;
  for (const Reading& bad :
       {Reading{"t", kStartUs, std::nan("")}, Reading{"t", kStartUs, 1e31},
        Reading{"t", kStartUs, -std::numeric_limits<double>::infinity()}, Reading{"t", 0, 1}}) {
    EXPECT_EQ(WriteReadings(plant.connection(), partitions, plant.point(0).site_id,
                            plant.point(0).asset_id, {&bad, 1})
                  .status()
                  .code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(plant.Count("SELECT count(*) FROM reading"), 0);
}

TEST(Readings, AreListedAndDecimatedLikeTrends) {
  PlantOfPoints plant;
  PartitionCache partitions;
  const int64_t asset = plant.point(0).asset_id;
  std::vector<Reading> readings;
  for (int n = 0; n < 1000; ++n) readings.push_back({"b", kStartUs + n * kHourUs, 1.0 * n});
  readings.push_back({"a", kStartUs, 1});
  readings.push_back({"c", kStartUs + 900 * kHourUs, 1e30});
  const auto written =
      WriteReadings(plant.connection(), partitions, plant.point(0).site_id, asset, readings);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_THAT(ListReadingQuantities(plant.connection(), asset).value(), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(ListReadingQuantities(plant.connection(), asset + 1)->empty());
  const auto query = [&](const std::string& quantity, int max_points) {
    TrendOptions options;
    options.period = kAlways;
    options.max_points = max_points;
    const auto series = QueryReadings(plant.connection(), asset, {&quantity, 1}, options);
    EXPECT_TRUE(series.ok()) << series.status();
    return series.ok() ? series->front() : TrendSeries();
  };
  EXPECT_EQ(query("b", 1000).value.size(), 1000u);
  const TrendSeries few = query("b", 10);
  EXPECT_THAT(few.min, ElementsAre(0, 100, 200, 300, 400, 500, 600, 700, 800, 900));
  EXPECT_EQ(few.max.back(), 999);
  EXPECT_EQ(few.record_count, 1000);
  EXPECT_EQ(query("c", 10).value.front(), 1e30f);
}

}  // namespace
}  // namespace auscult::db
