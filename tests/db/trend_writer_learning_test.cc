// What a point remembers from record to record, and that no way of sending changes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "db/baseline_store.h"
#include "db/trend_query.h"
#include "db/trend_writer.h"
#include "features/extract.h"
#include "models/simulate.h"
#include "tests/db/plant_of_points.h"

namespace auscult::db {
namespace {

using ::testing::HasSubstr;

constexpr int kNeeded = 65;
constexpr Period kAlways = {0, 4'000'000'000'000'000};

TEST(TrendWriter, LearnsABaselineFromTheFirstGoodRecords) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  const auto learning = writer.Write(plant.MakeSeries(0, 0, kNeeded - 1));
  EXPECT_EQ(plant.Accepted(learning), kNeeded - 1);
  EXPECT_EQ(learning->back().health.condition, models::Condition::kLearning);
  EXPECT_LT(learning->back().learning_progress, 1);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM baseline"), 0);

  const auto outcomes = writer.Write(plant.MakeSeries(0, kNeeded - 1, 3));
  EXPECT_EQ(plant.Accepted(outcomes), 3);
  // The record that completes the window was scored without a baseline, those after it with one.
  EXPECT_EQ(outcomes->at(0).model_version, 0);
  EXPECT_EQ(outcomes->at(0).health.condition, models::Condition::kNormal);
  EXPECT_EQ(outcomes->at(0).learning_progress, 1);
  EXPECT_EQ(outcomes->at(1).model_version, 1);
  EXPECT_FALSE(std::isnan(outcomes->at(2).health.severity));
  EXPECT_GT(outcomes->at(2).health.index, 60);
  EXPECT_EQ(outcomes->at(2).since_us,
            PlantOfPoints::kStartUs + (kNeeded - 1) * PlantOfPoints::kHourUs);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM score WHERE model_version = 1"), 2);
  EXPECT_EQ(plant.Count("SELECT unix_us(learnt_to) FROM baseline"),
            PlantOfPoints::kStartUs + (kNeeded - 1) * PlantOfPoints::kHourUs);
  const auto events = QueryEvents(plant.connection(), plant.point(0).asset_id,
                                  plant.point(0).point_id, kAlways, 10);
  ASSERT_TRUE(events.ok() && events->size() == 1) << events.status();
  EXPECT_EQ(events->front().from_condition, static_cast<int>(models::Condition::kLearning));
  EXPECT_EQ(events->front().to_condition, static_cast<int>(models::Condition::kNormal));
}

TEST(TrendWriter, LearnsFromGoodRecordsAlone) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  // The first record after each of five standstills is a start, and not learnt either.
  std::vector<Record> records = plant.MakeSeries(0, 0, kNeeded + 45);
  for (size_t i = 0; i < 40; ++i) {
    // A stopped or a clipped record among the others.
    Record& bad = records[i * 2];
    bad.features.quality =
        Bit(i % 8 == 0 ? features::QualityFlag::kStopped : features::QualityFlag::kClipped);
    for (float& value : bad.features.values) value += 60;
  }
  ASSERT_EQ(plant.Accepted(writer.Write(records)), kNeeded + 45);
  const absl::StatusOr<models::Baseline> baseline =
      LoadBaseline(plant.connection(), plant.point(0).asset_id, plant.point(0).point_id, 1);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  for (size_t i = 0; i < baseline->learnt().size(); ++i) {
    EXPECT_NEAR(baseline->Expected(static_cast<int>(i), records[1].features), 0, 0.5);
  }
}

TEST(TrendWriter, WaitsWhileTheMachineSettles) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  // Running in: every level falls by a tenth of a decibel an hour for a hundred hours.
  std::vector<Record> records;
  for (int n = 0; n < 240; ++n) {
    records.push_back(plant.Make(0, n, n < 100 ? 10.0f - 0.1f * static_cast<float>(n) : 0.0f));
  }
  const auto outcomes = writer.Write(records);
  ASSERT_EQ(plant.Accepted(outcomes), 240);
  EXPECT_EQ(outcomes->at(80).model_version, 0);
  EXPECT_EQ(outcomes->at(80).health.condition, models::Condition::kLearning);
  EXPECT_LT(outcomes->at(80).learning_progress, 1);
  EXPECT_EQ(outcomes->back().model_version, 1);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM baseline"), 1);
  EXPECT_GT(plant.Count("SELECT unix_us(learnt_from) FROM baseline"),
            PlantOfPoints::kStartUs + 50 * PlantOfPoints::kHourUs);
}

TEST(TrendWriter, LetsTheHealthFallWithAGrowingFaultAndSaysWhy) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = plant.MakeSeries(0, 0, 80);
  for (int n = 80; n < 140; ++n) {
    records.push_back(plant.Make(0, n, 0.3f * static_cast<float>(n - 80)));
  }
  const auto outcomes = writer.Write(records);
  ASSERT_EQ(plant.Accepted(outcomes), 140);
  EXPECT_GT(outcomes->at(79).health.index, 60);
  EXPECT_LT(outcomes->at(139).health.index, 20);
  EXPECT_EQ(outcomes->at(139).health.condition, models::Condition::kAlarm);
  EXPECT_THAT(outcomes->at(139).detail, HasSubstr("_db is "));
  EXPECT_THAT(outcomes->at(139).detail, HasSubstr("\"summary\":\"Alarm: "));
  // Normal, then worse step by step, each once.
  const auto events = QueryEvents(plant.connection(), plant.point(0).asset_id,
                                  plant.point(0).point_id, kAlways, 10);
  ASSERT_TRUE(events.ok()) << events.status();
  ASSERT_GE(events->size(), 3u);
  EXPECT_EQ(events->front().to_condition, static_cast<int>(models::Condition::kAlarm));
  for (size_t i = 1; i < events->size(); ++i) {
    EXPECT_EQ(events->at(i).to_condition, events->at(i - 1).from_condition);
    EXPECT_LT(events->at(i).to_condition, events->at(i - 1).to_condition);
  }
  EXPECT_EQ(outcomes->at(139).since_us, events->front().measured_at_us);
  // A detail stands where there is something to say, and not elsewhere.
  EXPECT_EQ(plant.Count("SELECT count(*) FROM score WHERE condition <= 1 AND detail IS NOT NULL"
                        " AND verdict IN (0, 14)"),
            0);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM score WHERE condition >= 2 AND detail IS NULL"), 0);
  const auto summaries = ListPointSummaries(plant.connection(), "", "");
  ASSERT_TRUE(summaries.ok());
  EXPECT_EQ(summaries->front().condition, models::Condition::kAlarm);
  EXPECT_EQ(summaries->front().model_version, 1);
  EXPECT_EQ(summaries->front().health, outcomes->at(139).health.index);
}

TEST(TrendWriter, ComesBackFromAStopToTheConditionItLeft) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  ASSERT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(0, 0, 70))), 70);
  const auto alarm = writer.Write(plant.MakeSeries(0, 70, 10, 30));
  ASSERT_EQ(plant.Accepted(alarm), 10);
  ASSERT_EQ(alarm->back().health.condition, models::Condition::kAlarm);
  std::vector<Record> stopped = plant.MakeSeries(0, 80, 3);
  for (Record& record : stopped) record.features.quality |= Bit(features::QualityFlag::kStopped);
  const auto standing = writer.Write(stopped);
  ASSERT_EQ(plant.Accepted(standing), 3);
  EXPECT_EQ(standing->back().health.condition, models::Condition::kStopped);
  EXPECT_EQ(standing->back().since_us, stopped.front().measured_at_us);
  const auto running = writer.Write(plant.MakeSeries(0, 83, 2, 30));
  ASSERT_EQ(plant.Accepted(running), 2);
  EXPECT_EQ(running->front().health.condition, models::Condition::kStarting);
  EXPECT_EQ(running->back().health.condition, models::Condition::kAlarm);
  EXPECT_EQ(running->back().since_us, alarm->back().since_us);
}

// However records are cut into batches and mixed inside them, the same is stored.
TEST(TrendWriter, StoresTheSameInBatchesOfAnySize) {
  std::vector<std::string> stored;
  for (const size_t batch_size : {200u, 1u, 7u}) {
    SCOPED_TRACE(batch_size);
    PlantOfPoints plant(2);
    BaselineCache baselines(1);  // too small for both
    TrendWriter writer(plant.conninfo(), &baselines);
    std::vector<Record> records;
    for (int n = 0; n < 100; ++n) {
      for (const int point : {1, 0}) {
        records.push_back(plant.Make(point, n, n < 75 ? 0 : 0.5f * static_cast<float>(n - 75)));
        records.back().raw = PlantOfPoints::Raw();
      }
    }
    for (size_t at = 0; at < records.size(); at += batch_size) {
      std::vector<Record> batch(
          records.begin() + static_cast<std::ptrdiff_t>(at),
          records.begin() + static_cast<std::ptrdiff_t>(std::min(at + batch_size, records.size())));
      std::reverse(batch.begin(), batch.end());
      ASSERT_EQ(plant.Accepted(writer.Write(batch)), static_cast<int>(batch.size()));
    }
    stored.push_back(plant.Everything());
  }
  EXPECT_EQ(stored[0], stored[1]);
  EXPECT_EQ(stored[0], stored[2]);
}

TEST(TrendWriter, NamesTheFaultOfASimulatedMachine) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  models::SimulatedMachine machine;
  machine.machine.rated_power_kw = 37;
  machine.machine.foundation = features::Foundation::kRigid;
  machine.machine.rated_speed_rpm = machine.speed_rpm;
  machine.machine.bearings = {{"drive end", "made up", {3.05f, 4.95f, 1.99f, 0.38f}}};
  const auto shared = std::make_shared<const features::Machine>(machine.machine);
  features::Extractor extractor;
  constexpr double kRateHz = 25600;
  std::vector<Record> records;
  for (int n = 0; n < 90; ++n) {
    const float severity = n < 70 ? 0 : static_cast<float>(n - 69) / 20;
    auto waveform = features::Waveform::Create(
        models::SimulateVibration(machine, {models::Fault::kOuterRace, severity},
                                  static_cast<uint64_t>(n), kRateHz, 16384),
        {{"", features::Quantity::kAcceleration}}, kRateHz,
        {.speed_rpm = machine.speed_rpm, .load_percent = machine.load_percent});
    ASSERT_TRUE(waveform.ok()) << waveform.status();
    records.push_back(plant.Make(0, n));
    records.back().machine = shared;
    ASSERT_TRUE(extractor.Extract(*waveform, *shared, records.back().features).ok());
  }
  const auto outcomes = writer.Write(records);
  ASSERT_EQ(plant.Accepted(outcomes), 90);
  EXPECT_EQ(outcomes->at(69).health.condition, models::Condition::kNormal);
  EXPECT_GE(outcomes->back().health.condition, models::Condition::kAlert);
  EXPECT_LT(outcomes->back().health.index, 60);
  EXPECT_EQ(outcomes->back().health.verdict, models::Fault::kOuterRace);
  EXPECT_THAT(outcomes->back().detail, HasSubstr("outer race"));
  EXPECT_THAT(outcomes->back().detail, HasSubstr("\"frequency_hz\":"));
}

TEST(BaselineCache, LoadsOnDemandAndForgetsTheLeastRecentlyUsed) {
  PlantOfPoints plant(3);
  BaselineCache baselines(2);
  TrendWriter writer(plant.conninfo(), &baselines);
  for (int point = 0; point < 3; ++point) {
    ASSERT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(point, 0, kNeeded))), kNeeded);
  }
  EXPECT_EQ(baselines.size(), 0u);
  const auto get = [&](int point, int version) {
    return baselines.Get(plant.connection(), plant.point(point).asset_id,
                         plant.point(point).point_id, version);
  };
  const auto first = get(0, 1);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(get(1, 1).ok());
  EXPECT_EQ(get(0, 1).value(), *first);  // the same object, and now the more recent one
  EXPECT_TRUE(get(2, 1).ok());
  EXPECT_EQ(baselines.size(), 2u);
  EXPECT_EQ(get(0, 1).value(), *first);
  EXPECT_EQ(get(0, 2).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(plant.connection().Execute("UPDATE baseline SET model = 'rubbish'").ok());
  EXPECT_TRUE(get(0, 1).ok());
  EXPECT_EQ(get(1, 1).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace auscult::db
