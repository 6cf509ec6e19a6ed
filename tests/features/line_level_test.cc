#include "features/line_level.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace auscult::features {
namespace {

std::vector<float> ExponentialNoise(int count, double mean) {
  std::mt19937 random(3);
  std::exponential_distribution<double> noise(1 / mean);
  std::vector<float> power(count);
  for (float& value : power) value = static_cast<float>(noise(random));
  return power;
}

std::vector<float> FloorOf(const std::vector<float>& power, int block_bins) {
  std::vector<float> log_power;
  for (const float value : power) log_power.push_back(std::log(value));
  std::vector<float> floor(power.size());
  NoiseFloor(log_power, block_bins, floor);
  return floor;
}

TEST(NoiseFloor, IsTheMeanOfTheLogOfTheNoise) {
  const std::vector<float> floor = FloorOf(ExponentialNoise(20000, 5.0), 200);
  double mean = 0;
  for (const float value : floor) mean += value / static_cast<double>(floor.size());
  EXPECT_NEAR(mean, std::log(5.0) - kLogMeanOfExponential, 0.08);
}

TEST(NoiseFloor, IsNotLiftedByLines) {
  std::vector<float> power = ExponentialNoise(4000, 1.0);
  const std::vector<float> before = FloorOf(power, 100);
  for (size_t i = 25; i < power.size(); i += 50) power[i] = 1e5f;
  const std::vector<float> after = FloorOf(power, 100);
  for (size_t i = 0; i < power.size(); i += 10) EXPECT_NEAR(after[i], before[i], 0.15);
}

TEST(NoiseFloor, FollowsASlope) {
  std::vector<float> log_power(1000);
  for (int i = 0; i < 1000; ++i) log_power[i] = 0.01f * static_cast<float>(i);
  std::vector<float> floor(1000);
  NoiseFloor(log_power, 50, floor);
  for (int i = 50; i < 950; ++i) EXPECT_NEAR(floor[i], log_power[i], 0.02f);
}

TEST(LineLevels, StandOutAtLinesAndAreClipped) {
  constexpr int kBins = 2000;
  LineLevels line_levels;
  line_levels.Configure(kBins, 40.0, {});
  std::vector<float> power = ExponentialNoise(kBins, 3.0);
  power[530] = 3e4f;
  std::vector<float> levels(kBins);
  line_levels.Compute(power, {}, levels, {});
  EXPECT_GT(levels[530], 3.5f);
  double sum = 0;
  for (const float level : levels) {
    EXPECT_LE(level, 4.5f);
    sum += level;
  }
  EXPECT_NEAR(sum / kBins, 0, 0.01);
  line_levels.Compute(power, {1, true}, levels, {});
  EXPECT_EQ(levels[529], levels[530]);
  EXPECT_EQ(levels[531], levels[530]);
}

TEST(LineLevels, MaskTheHarmonicsOfAllShafts) {
  constexpr int kBins = 1000;
  constexpr double kBinsPerOrder = 40;
  LineLevels line_levels;
  line_levels.Configure(kBins, kBinsPerOrder, std::vector<float>{1.7f});
  std::vector<float> power = ExponentialNoise(kBins, 1.0);
  for (int bin = 0; bin < kBins; bin += 40) power[bin] = 1e6f;
  for (int bin = 0; bin < kBins; bin += 68) power[bin] = 1e6f;
  std::vector<float> levels(kBins);
  line_levels.Compute(power, {}, levels, {});
  for (int bin = 0; bin < kBins; bin += 40) EXPECT_EQ(levels[bin], 0) << bin;
  for (int bin = 0; bin < kBins; bin += 68) EXPECT_EQ(levels[bin], 0) << bin;
  int kept = 0;
  for (const float level : levels) kept += level != 0;
  EXPECT_GT(kept, kBins / 2);
}

TEST(LineLevels, DoNotDependOnTheUnit) {
  std::vector<float> power = ExponentialNoise(600, 1.0);
  LineLevels line_levels;
  line_levels.Configure(700, 30.0, {});
  std::vector<float> levels(700);
  std::vector<float> scaled(700);
  line_levels.Compute(power, {5, false}, levels, {});
  for (float& value : power) value *= 1e12f;
  line_levels.Compute(power, {5, false}, scaled, {});
  for (int i = 0; i < 700; ++i) EXPECT_NEAR(levels[i], scaled[i], 1e-3f) << i;
  for (int i = 600; i < 700; ++i) EXPECT_EQ(levels[i], 0) << i;
}

}  // namespace
}  // namespace auscult::features
