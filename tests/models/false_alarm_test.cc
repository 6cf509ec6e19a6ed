#include <gtest/gtest.h>

#include "models/point_replay.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

struct Entered {
  int watch = 0;
  int alert = 0;
  int alarm = 0;
  int normal_records = 0;
  int records = 0;  // after learning
};

// Lets a healthy point live: learns, scores, advances, as the server does.
void Live(HealthyPoint point, int record_count, Entered& entered) {
  constexpr int64_t kIntervalUs = 4 * 3600'000'000;
  const features::Machine machine;
  PointReplay replay({.machine = &machine});
  for (int r = 0; r < record_count; ++r) {
    const bool learning = replay.baseline() == nullptr;
    const PointReplay::Step step = replay.Next(point.Next(), r * kIntervalUs);
    if (learning) continue;
    ++entered.records;
    entered.normal_records += step.health.condition == Condition::kNormal;
    if (!step.condition_changed) continue;
    entered.watch += step.health.condition == Condition::kWatch;
    entered.alert += step.health.condition == Condition::kAlert;
    entered.alarm += step.health.condition == Condition::kAlarm;
  }
}

Entered LiveMany(int points, int records, const HealthyPoint::Character& character) {
  Entered entered;
  for (int p = 0; p < points; ++p) {
    Live(HealthyPoint(static_cast<uint64_t>(1000 + p), character), records, entered);
  }
  return entered;
}

// docs/models.md has the figures of bench/health_bench, this is its short form: a record every four
// hours, restarts, and levels that drift within limits. One alarm in ten point-years is chosen.
TEST(Condition, OfHealthyPointsThatWanderStaysNormal) {
  const Entered entered = LiveMany(12, 1500, {.restarts = 0.005});
  EXPECT_GT(entered.records, 17000);
  EXPECT_LE(entered.alert, 1);
  EXPECT_LE(entered.alarm, 1);  // in 8 point-years
  EXPECT_GT(entered.normal_records, 0.95 * entered.records);
}

TEST(Condition, OfHealthyPointsThatDriftSlowlyAndTogetherRarelyAlerts) {
  const Entered entered = LiveMany(
      16, 1500, {.common_db = 1.0, .common_memory = 0.99, .outliers = 0.02, .restarts = 0.005});
  EXPECT_LE(entered.alert, 4);  // in 11 point-years
  EXPECT_GT(entered.normal_records, 0.8 * entered.records);
}

}  // namespace
}  // namespace auscult::models
