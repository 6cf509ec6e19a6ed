#include "models/point_replay.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int kRecords = 420;  // past the wider learning window

std::vector<features::FeatureVector> History() {
  std::vector<features::FeatureVector> records;
  HealthyPoint point(5);
  for (int i = 0; i < kRecords; ++i) records.push_back(point.Next());
  return records;
}

TEST(PointReplay, GoesOnAfterRestoringAsIfItHadNeverStopped) {
  const features::Machine machine;
  const PointModel model{.machine = &machine};
  PointReplay whole(model);
  auto broken = std::make_unique<PointReplay>(model);
  int learnt = 0;
  int64_t at = 0;
  for (const features::FeatureVector& record : History()) {
    const PointReplay::Step expected = whole.Next(record, at += kHourUs);
    const std::string saved = broken->Save();
    broken = std::make_unique<PointReplay>(model);
    ASSERT_TRUE(broken->Restore(saved).ok());
    const PointReplay::Step step = broken->Next(record, at);
    learnt += step.learnt;
    ASSERT_EQ(step.learnt, expected.learnt) << at / kHourUs;
    ASSERT_EQ(step.health.condition, expected.health.condition) << at / kHourUs;
    if (expected.health.severity == expected.health.severity) {
      ASSERT_EQ(step.health.severity, expected.health.severity) << at / kHourUs;
    }
    ASSERT_EQ(broken->Save(), whole.Save()) << at / kHourUs;
  }
  EXPECT_GE(learnt, 1);
}

TEST(PointReplay, KeepsTheBaselineItWasGivenWhereItLearnsNothing) {
  const features::Machine machine;
  PointReplay learning({.machine = &machine});
  int64_t at = 0;
  const std::vector<features::FeatureVector> history = History();
  for (const features::FeatureVector& record : history) learning.Next(record, at += kHourUs);
  ASSERT_NE(learning.baseline(), nullptr);
  PointReplay fixed({.machine = &machine, .baseline = learning.baseline()}, {},
                    PointReplay::Learning::kNothing);
  const std::string before = fixed.baseline()->Serialize();
  for (const features::FeatureVector& record : history) {
    EXPECT_FALSE(fixed.Next(record, at += kHourUs).learnt);
  }
  EXPECT_EQ(fixed.baseline()->Serialize(), before);
}

TEST(PointReplay, RefusesWhatItDidNotSave) {
  const features::Machine machine;
  PointReplay replay({.machine = &machine});
  int64_t at = 0;
  for (const features::FeatureVector& record : History()) replay.Next(record, at += kHourUs);
  const std::string saved = replay.Save();
  for (const size_t size : {size_t{0}, size_t{1}, size_t{7}, saved.size() / 2, saved.size() - 1}) {
    EXPECT_TRUE(absl::IsDataLoss(replay.Restore(saved.substr(0, size)))) << size;
  }
  EXPECT_TRUE(replay.Restore(saved).ok());
}

}  // namespace
}  // namespace auscult::models
