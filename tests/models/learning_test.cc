#include "models/learning.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/point_replay.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

constexpr int64_t kIntervalUs = 600'000'000;
constexpr HealthyPoint::Character kCalm = {
    .jitter_db = 0.3, .own_db = 0.2, .common_db = 0.2, .common_memory = 0.9, .outliers = 0};

// A point whose levels can be moved.
class MovedPoint {
 public:
  explicit MovedPoint(uint64_t seed) : point_(seed, kCalm), replay_({.machine = &machine_}) {}

  PointReplay::Step Next(float shift_db) {
    features::FeatureVector record = point_.Next();
    for (float& value : record.values) value += shift_db;
    return replay_.Next(record, now_us_ += kIntervalUs);
  }
  const PointReplay& replay() const { return replay_; }

 private:
  const features::Machine machine_;
  HealthyPoint point_;
  PointReplay replay_;
  int64_t now_us_ = 0;
};

TEST(Learning, TellsHowFarItIs) {
  MovedPoint point(1);
  const AlarmPolicy policy;
  for (int i = 0; i < 64; ++i) {
    EXPECT_FALSE(point.Next(0).learnt);
    EXPECT_NEAR(LearningProgress(point.replay().state(), false, policy), (i + 1) / 65.0, 0.02);
  }
  const PointReplay::Step step = point.Next(0);
  EXPECT_TRUE(step.learnt);
  EXPECT_TRUE(step.condition_changed);
  EXPECT_EQ(step.health.condition, Condition::kNormal);
  EXPECT_EQ(LearningProgress(point.replay().state(), true, policy), 1);
}

TEST(Learning, ReplacesTheBaselineOfAMachineThatRanInWithoutBlindTime) {
  MovedPoint point(2);
  for (int i = 0; i < 80; ++i) point.Next(0);
  const float before = point.replay().baseline()->Expected(0, BlankFeatures());
  int learnt_after = 0;
  for (int i = 1; i <= 120 && learnt_after == 0; ++i) {
    const PointReplay::Step step = point.Next(-3);
    EXPECT_EQ(step.health.condition, Condition::kNormal);
    EXPECT_FALSE(std::isnan(step.health.severity));  // never blind
    if (step.learnt) learnt_after = i;
  }
  EXPECT_GE(learnt_after, 60);
  EXPECT_NEAR(point.replay().baseline()->Expected(0, BlankFeatures()), before - 3, 0.6);
  EXPECT_FALSE(std::isnan(point.Next(-3).health.severity));
}

TEST(Learning, LearnsAgainFromMoreRecordsOfAHealthyMachineButNotWhatGrows) {
  MovedPoint healthy(3), growing(3);
  for (int i = 0; i < 260; ++i) {
    healthy.Next(0);
    growing.Next(i < 65 ? 0 : 0.013f * static_cast<float>(i - 65));
  }
  EXPECT_EQ(healthy.replay().baseline()->record_count(), 200);
  EXPECT_EQ(growing.replay().baseline()->record_count(), 60);
}

TEST(Learning, DoesNotReplaceTheBaselineOfAnAilingMachine) {
  MovedPoint point(4);
  for (int i = 0; i < 80; ++i) point.Next(0);
  int learnt = 0;
  for (int i = 0; i < 300; ++i) learnt += point.Next(5).learnt;
  EXPECT_EQ(learnt, 0);
  EXPECT_GE(RankOf(point.replay().state().condition), kAlertRank);
}

TEST(Learning, WaitsForACalmWiderWindowAsLongAsItTakes) {
  constexpr HealthyPoint::Character kWandering = {.own_db = 1.0, .own_memory = 0.98};
  const features::Machine machine;
  int learnt_wider = 0;
  for (uint64_t seed = 0; seed < 12; ++seed) {
    HealthyPoint point(seed, kWandering);
    PointReplay replay({.machine = &machine});
    for (int i = 1; i <= 2000; ++i) replay.Next(point.Next(), i * kIntervalUs);
    learnt_wider += replay.baseline()->record_count() == 200;
  }
  EXPECT_GE(learnt_wider, 9);
}

TEST(Learning, LearnsNothingOfAnAlertThatPassed) {
  MovedPoint point(6);
  for (int i = 0; i < 80; ++i) point.Next(0);
  const float before = point.replay().baseline()->Expected(0, BlankFeatures());
  bool alerted = false;
  for (int i = 0; i < 60; ++i) {
    alerted |= RankOf(point.Next(5).health.condition) >= kAlertRank;
  }
  ASSERT_TRUE(alerted);
  int learnt_after = 0;
  for (int i = 1; i <= 300 && learnt_after == 0; ++i) {
    if (point.Next(0).learnt) learnt_after = i;
  }
  EXPECT_GE(learnt_after, 200);
  EXPECT_EQ(point.replay().baseline()->record_count(), 200);
  EXPECT_NEAR(point.replay().baseline()->Expected(0, BlankFeatures()), before, 0.5);
}

TEST(PointReplay, StartsFromABaselineThatIsGiven) {
  HealthyPoint made(5, kCalm);
  const auto baseline = Baseline::Fit(made.Next(65));
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  const features::Machine machine;
  PointReplay replay({.machine = &machine, .baseline = &*baseline});
  EXPECT_EQ(replay.Next(made.Next(), kIntervalUs).health.condition, Condition::kNormal);
}

}  // namespace
}  // namespace auscult::models
