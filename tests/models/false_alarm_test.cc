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
  constexpr int64_t kIntervalUs = 600'000'000;
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

// docs/models.md has the figures of longer runs.
TEST(Condition, OfHealthyPointsThatWanderStaysNormal) {
  const Entered entered = LiveMany(20, 1000, HealthyPoint::Character());
  EXPECT_GT(entered.records, 18000);
  EXPECT_EQ(entered.alert, 0);
  EXPECT_EQ(entered.alarm, 0);
  EXPECT_GT(entered.normal_records, 0.95 * entered.records);
}

TEST(Condition, OfHealthyPointsThatDriftSlowlyAndTogetherRarelyAlerts) {
  const Entered entered =
      LiveMany(50, 1000, {.common_db = 1.0, .common_memory = 0.99, .outliers = 0.02});
  EXPECT_EQ(entered.alarm, 0);
  EXPECT_LE(entered.alert, 15);  // in 50 correlation times of 1 dB on each of 50 points
}

}  // namespace
}  // namespace auscult::models
