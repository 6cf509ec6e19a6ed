#include "models/robust.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "models/random.h"

namespace auscult::models {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(Robust, MedianTakesTheMiddleAndLeavesOutWhatIsMissing) {
  EXPECT_FLOAT_EQ(Median(std::vector<float>{3, 1, 2}), 2);
  EXPECT_FLOAT_EQ(Median(std::vector<float>{4, 1, 2, 3}), 2.5);
  EXPECT_FLOAT_EQ(Median(std::vector<float>{kNaN, 5, kNaN}), 5);
  EXPECT_TRUE(std::isnan(Median(std::vector<float>{kNaN})));
  EXPECT_TRUE(std::isnan(Median({})));
}

TEST(Robust, MedianDeviationOfGaussianValuesIsTheirStandardDeviation) {
  Random random(3);
  std::vector<float> values;
  for (int i = 0; i < 20000; ++i) values.push_back(static_cast<float>(7 + 2 * random.Normal()));
  EXPECT_NEAR(MedianDeviation(values), 2.0, 0.06);
  EXPECT_NEAR(StandardDeviation(values), 2.0, 0.04);
  for (int i = 0; i < 2000; ++i) values[i] = 1e6f;  // a tenth gone wild
  EXPECT_NEAR(MedianDeviation(values), 2.0, 0.4);
}

TEST(Robust, QuantileInterpolates) {
  const std::vector<float> values = {10, 20, 30, 40, 50};
  EXPECT_FLOAT_EQ(Quantile(values, 0), 10);
  EXPECT_FLOAT_EQ(Quantile(values, 0.5f), 30);
  EXPECT_FLOAT_EQ(Quantile(values, 0.625f), 35);
  EXPECT_FLOAT_EQ(Quantile(values, 1), 50);
}

TEST(Robust, RunningMedianLooksBackOnly) {
  const std::vector<float> values = {1, 9, 2, 8, 3, 7};
  const std::vector<float> expected = {1, 5, 2, 8, 3, 7};
  const std::vector<float> medians = RunningMedian(values, 3);
  ASSERT_EQ(medians.size(), values.size());
  EXPECT_EQ(medians, expected);
}

TEST(Robust, TheilSenSlopeIgnoresOutliers) {
  Random random(5);
  std::vector<float> x, y;
  for (int i = 0; i < 300; ++i) {
    x.push_back(static_cast<float>(random.Uniform(-1, 1)));
    y.push_back(static_cast<float>(4 - 6 * x.back() + 0.2 * random.Normal()));
    if (i % 10 == 0) y.back() += 50;
  }
  EXPECT_NEAR(TheilSenSlope(x, y), -6, 0.3);
  EXPECT_FLOAT_EQ(TheilSenSlope(std::vector<float>(10, 2.0f), std::vector<float>(10, 1.0f)), 0);
}

}  // namespace
}  // namespace auscult::models
