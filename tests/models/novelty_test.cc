#include "models/novelty.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "models/random.h"

namespace auscult::models {
namespace {

TEST(NoveltyNull, HasTheTailOfStudentsLawWithFourDegreesOfFreedom) {
  const NoveltyNull null{.location = 2, .scale = 0.5f, .thinning = 1};
  // Tables: 0.05 at 2.132, 0.01 at 3.747, 0.0005 at 8.610.
  EXPECT_NEAR(null.TailProbability(2), 0.5, 1e-9);
  EXPECT_NEAR(null.TailProbability(2 + 0.5f * 2.13185f), 0.05, 1e-5);
  EXPECT_NEAR(null.TailProbability(2 + 0.5f * 3.74695f), 0.01, 1e-6);
  EXPECT_NEAR(null.TailProbability(2 + 0.5f * 8.61030f), 0.0005, 1e-7);
  EXPECT_NEAR(null.TailProbability(2 - 0.5f * 2.13185f), 0.95, 1e-5);
  EXPECT_GT(null.TailProbability(1e6f), 0);
}

TEST(NoveltyNull, ThinsAsFarAsNeighboursGoTogether) {
  Random random(5);
  for (const double memory : {0.0, 0.5, 0.9}) {
    std::vector<float> severities;
    double value = 0;
    for (int i = 0; i < 20000; ++i) {
      value = memory * value + std::sqrt(1 - memory * memory) * random.Normal();
      severities.push_back(static_cast<float>(2 + 0.7 * value));
    }
    const NoveltyNull null = NullOf(severities);
    EXPECT_NEAR(null.location, 2, 0.1);
    EXPECT_NEAR(null.scale, 0.7, 0.08);
    const int expected = memory == 0 ? 1 : memory < 0.9 ? 5 : NoveltyNull::kMaxThinning;
    EXPECT_LE(std::abs(null.thinning - expected), memory == 0 ? 1 : 0) << memory;
  }
  // Fewer records leave more in doubt.
  const std::vector<float> few = {1, 2, 1, 3, 2, 1, 2, 3, 2, 1};
  EXPECT_GT(NullOf(few).scale, 1.2 * 1.4826);
}

// The mean of an e-value under the null is at most 1, else the bets would be unfair.
TEST(EProcess, BetsFairly) {
  double sum = 0;
  constexpr int kSteps = 2'000'000;
  for (int i = 0; i < kSteps; ++i) {
    sum += std::exp(LogEValue((i + 0.5) / kSteps));
  }
  EXPECT_LE(sum / kSteps, 1.0 + 1e-3);
  EXPECT_GT(sum / kSteps, 0.8);  // what is missing lies at p below 1e-6
  EXPECT_NEAR(std::exp(LogEValue(1)), 0.5, 1e-3);
  EXPECT_NEAR(std::exp(LogEValue(0.999)), std::exp(LogEValue(0.9989)), 1e-3);
  EXPECT_GT(LogEValue(1e-6), LogEValue(1e-5));
}

TEST(EProcess, TakesAsManyDecisionsAsPromisedUntilAFalseAlarm) {
  Random random(9);
  const double log_needed = std::log(200.0);
  int64_t decisions = 0;
  int alarms = 0;
  while (alarms < 200) {
    EProcess process;
    while (!process.Reached(log_needed)) {
      process.Decide(random.Uniform(), Weight::kAsItIs, log_needed);
      ++decisions;
    }
    ++alarms;
  }
  EXPECT_GT(static_cast<double>(decisions) / alarms, 200);
}

TEST(EProcess, NeverAlarmsOnASingleDecisionNorOnWhatIsImmaterial) {
  EProcess process;
  process.Decide(0, Weight::kAsItIs, 10);
  EXPECT_LE(process.log_sum, 5.001f);
  for (int i = 0; i < 1000; ++i) process.Decide(0, Weight::kForHealth, 10);
  EXPECT_LT(process.log_sum, 1.5f);
  const double before = process.log_sum;
  process.Decide(0, Weight::kNoneAgainstHealth, 10);
  EXPECT_LT(process.log_sum, before + 1);
}

TEST(LogNeeded, FollowsRateAndCadence) {
  // One in ten years of hourly records, each decided on.
  EXPECT_NEAR(LogNeeded(0.1, 3600, 1), std::log(10 * 365.25 * 24), 1e-9);
  EXPECT_NEAR(LogNeeded(0.1, 3600, 1) - LogNeeded(0.1, 3600, 10), std::log(10), 1e-9);
  EXPECT_GT(LogNeeded(1e9, 3600, 10), 4);  // a wild wish still needs some evidence
}

TEST(Cadence, FindsTheUsualIntervalInSpiteOfGapsAndBursts) {
  Random random(2);
  Cadence cadence;
  EXPECT_EQ(cadence.IntervalSeconds(), 3600);
  int64_t now_us = 1;
  for (int i = 0; i < 500; ++i) {
    const double kind = random.Uniform();
    const double interval_s = kind < 0.1 ? 1 : kind > 0.95 ? 86400 * 30 : random.Uniform(540, 660);
    now_us += static_cast<int64_t>(1e6 * interval_s);
    cadence.Observe(now_us);
    cadence.Observe(now_us);  // twice the same moment says nothing
  }
  EXPECT_NEAR(cadence.IntervalSeconds(), 600, 60);
}

TEST(Cadence, FollowsAChange) {
  Cadence cadence;
  int64_t now_us = 1;
  for (int i = 0; i < 200; ++i) cadence.Observe(now_us += 10'000'000);
  EXPECT_NEAR(cadence.IntervalSeconds(), 10, 0.5);
  for (int i = 0; i < 400; ++i) cadence.Observe(now_us += 3600'000'000);
  EXPECT_NEAR(cadence.IntervalSeconds(), 3600, 100);
}

}  // namespace
}  // namespace auscult::models
