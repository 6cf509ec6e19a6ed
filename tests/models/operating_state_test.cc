#include "models/operating_state.h"

#include <gtest/gtest.h>

#include "models/point_replay.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

using features::QualityFlag;

features::FeatureVector At(float level_db) {
  features::FeatureVector record = BlankFeatures();
  Set(record, "level_db", level_db);
  return record;
}

features::FeatureVector Stopped() {
  features::FeatureVector record = At(-60);
  record.quality = features::Bit(QualityFlag::kStopped);
  return record;
}

TEST(OperatingState, StartsUntilTheLevelSettlesAfterAStandstill) {
  OperatingState state;
  const auto take = [&](const features::FeatureVector& record) {
    return state.Take(record, Score(), nullptr);
  };
  EXPECT_EQ(take(At(0)), Operation::kSteady);
  EXPECT_EQ(take(At(8)), Operation::kSteady);  // a jump at work is no start
  EXPECT_EQ(take(Stopped()), Operation::kStopped);
  for (const float level_db : {-9.0f, -6.0f, -3.0f, 0.0f}) {
    EXPECT_EQ(take(At(level_db)), Operation::kStarting) << level_db;
  }
  EXPECT_EQ(take(At(0.5f)), Operation::kSteady);
  EXPECT_EQ(take(At(9)), Operation::kSteady);
}

TEST(OperatingState, DoesNotStartForEver) {
  OperatingState state;
  state.Take(Stopped(), Score(), nullptr);
  int starting = 0;
  for (int i = 0; i < 100; ++i) {
    starting += state.Take(At(i % 2 == 0 ? 0 : 10), Score(), nullptr) == Operation::kStarting;
  }
  EXPECT_LE(starting, OperatingState::kSettled);
}

TEST(OperatingState, IsInTransitWhileTheSpeedVariesInsideTheRecord) {
  OperatingState state;
  features::FeatureVector record = At(0);
  Set(record, "speed_variation_percent", 25);
  EXPECT_EQ(state.Take(record, Score(), nullptr), Operation::kStarting);
  Set(record, "speed_variation_percent", 1);
  EXPECT_EQ(state.Take(record, Score(), nullptr), Operation::kSteady);
}

TEST(OperatingState, KnowsAStandstillByItsSilenceWhereNobodySendsASpeed) {
  HealthyPoint point(3);
  const features::Machine machine;
  PointReplay replay({.machine = &machine});
  int64_t now_us = 0;
  const auto next = [&](float shift_db) {
    features::FeatureVector record = point.Next();
    for (float& value : record.values) value += shift_db;
    return replay.Next(record, now_us += 600'000'000).health.condition;
  };
  for (int i = 0; i < 80; ++i) next(0);
  ASSERT_NE(replay.baseline(), nullptr);
  const int scored = replay.state().records_scored;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(next(-40), Condition::kStopped);
  EXPECT_EQ(next(-3), Condition::kStarting);
  EXPECT_EQ(replay.state().records_scored, scored);
  int steady = 0;
  for (int i = 0; i < 30; ++i) steady += next(0) == Condition::kNormal;
  EXPECT_GE(steady, 18);
}

TEST(OperatingState, LearnsNothingFromStandstillsAndStarts) {
  const features::Machine machine;
  HealthyPoint with(4), without(4);
  PointReplay disturbed({.machine = &machine}), quiet({.machine = &machine});
  int64_t now_us = 0;
  for (int i = 0; i < 90; ++i) {
    quiet.Next(without.Next(), now_us += 600'000'000);
    if (i % 30 == 10) {
      for (int k = 0; k < 4; ++k) disturbed.Next(Stopped(), now_us += 1000);
      for (int k = 0; k < 3; ++k) {
        features::FeatureVector start = BlankFeatures();
        for (size_t v = 0; v < start.values.size(); ++v) {
          if (IsLearnt(start, static_cast<int>(v)))
            start.values[v] = 30.0f + 5.0f * static_cast<float>(k);
        }
        EXPECT_EQ(disturbed.Next(start, now_us += 1000).health.condition, Condition::kStarting);
      }
      disturbed.Next(BlankFeatures(), now_us += 1000);  // of unknown level: settled
    }
    disturbed.Next(with.Next(), now_us += 1000);
  }
  ASSERT_NE(disturbed.baseline(), nullptr);
  ASSERT_NE(quiet.baseline(), nullptr);
  for (size_t i = 0; i < quiet.baseline()->learnt().size(); ++i) {
    const auto index = static_cast<int>(i);
    EXPECT_NEAR(disturbed.baseline()->Expected(index, BlankFeatures()),
                quiet.baseline()->Expected(index, BlankFeatures()), 0.5);
    EXPECT_LT(disturbed.baseline()->Scatter(index), 2 * quiet.baseline()->Scatter(index));
  }
}

}  // namespace
}  // namespace auscult::models
