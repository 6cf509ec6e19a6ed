#include "models/replay_comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "tests/models/made_classifier.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int kRecords = 100;

// Records with bearing lines that the rules do not call.
std::vector<features::FeatureVector> History() {
  std::vector<features::FeatureVector> records;
  HealthyPoint point(3);
  for (int i = 0; i < kRecords; ++i) {
    records.push_back(point.Next());
    for (const char* name : {"bpfo_existence", "bpfi_existence", "ball_existence"}) {
      Set(records.back(), name, 1);
    }
  }
  return records;
}

ReplayComparison::Result Compare(const PointModel& base, const PointModel& candidate) {
  ReplayComparison comparison(base, candidate);
  int64_t at = 0;
  for (const features::FeatureVector& record : History()) comparison.Next(record, at += kHourUs);
  return comparison.Finish();
}

int64_t Sum(const ReplayComparison::Distribution& counts) {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

TEST(ReplayComparison, FindsNothingBetweenAModelAndItself) {
  const features::Machine machine;
  const PointModel model{.machine = &machine};
  const ReplayComparison::Result result = Compare(model, model);
  EXPECT_EQ(result.record_count, kRecords);
  EXPECT_EQ(result.verdicts_changed, 0);
  EXPECT_EQ(result.gained + result.lost + result.earlier + result.later, 0);
  EXPECT_TRUE(result.changes.empty());
  EXPECT_EQ(result.base_health, result.candidate_health);
  EXPECT_GT(Sum(result.base_health), 0);
}

TEST(ReplayComparison, CountsTheVerdictsThatAClassifierChanges) {
  const features::Machine machine;
  const Classifier ball = ConstantClassifier({Fault::kHealthy, Fault::kBall}, {0.001f, 0.999f});
  const PointModel physics{.machine = &machine};
  const PointModel learnt{.machine = &machine, .classifier = &ball};
  const ReplayComparison::Result forth = Compare(physics, learnt);
  const ReplayComparison::Result back = Compare(learnt, physics);
  EXPECT_GT(forth.verdicts_changed, kRecords / 2);
  EXPECT_EQ(forth.verdicts_changed, back.verdicts_changed);
  EXPECT_EQ(forth.base_health, back.candidate_health);
}

// Alarms are made with limits of the user on a feature that nobody learns: it rises to 10 and falls
// again.
ReplayComparison::Result CompareLimits(float base_alert, float candidate_alert) {
  const features::Machine machine;
  std::vector<features::FeatureVector> records = History();
  const int index = IndexOf(records[0], "ball_depth");
  for (int i = 70; i < 90; ++i)
    Set(records[i], "ball_depth", std::min(10.0f, 0.5f * static_cast<float>(i - 69)));
  const UserLimit base[] = {{.value_index = index, .alert = base_alert}};
  const UserLimit candidate[] = {{.value_index = index, .alert = candidate_alert}};
  ReplayComparison comparison({.machine = &machine, .limits = base},
                              {.machine = &machine, .limits = candidate});
  int64_t at = 0;
  for (const features::FeatureVector& record : records) comparison.Next(record, at += kHourUs);
  return comparison.Finish();
}

TEST(ReplayComparison, TellsAlarmsThatComeEarlierLaterOrNotAtAll) {
  const ReplayComparison::Result same = CompareLimits(2, 2);
  EXPECT_EQ(same.in_both, 1);
  EXPECT_EQ(same.earlier + same.later + same.gained + same.lost, 0);
  EXPECT_TRUE(same.changes.empty());
  const ReplayComparison::Result earlier = CompareLimits(6, 2), later = CompareLimits(2, 6);
  EXPECT_EQ(earlier.in_both, 1);
  EXPECT_EQ(earlier.earlier, 1);
  EXPECT_EQ(later.in_both, 1);
  EXPECT_EQ(later.later, 1);
  ASSERT_EQ(earlier.changes.size(), 1u);
  EXPECT_EQ(*earlier.changes[0].base_us - *earlier.changes[0].candidate_us, 8 * kHourUs);
  const ReplayComparison::Result gained = CompareLimits(99, 2), lost = CompareLimits(2, 99);
  EXPECT_EQ(gained.gained, 1);
  EXPECT_EQ(gained.in_both + gained.lost, 0);
  ASSERT_EQ(gained.changes.size(), 1u);
  EXPECT_FALSE(gained.changes[0].base_us);
  EXPECT_EQ(gained.changes[0].condition, Condition::kAlert);
  EXPECT_EQ(lost.lost, 1);
  ASSERT_EQ(lost.changes.size(), 1u);
  EXPECT_EQ(lost.changes[0].base_us, gained.changes[0].candidate_us);
}

}  // namespace
}  // namespace auscult::models
