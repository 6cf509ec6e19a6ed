#include "features/time_domain.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::Noise;
using testing::Sine;

TimeDomain Of(std::span<const float> samples) {
  std::vector<float> centred(samples.size());
  const Range range = RangeOf(samples);
  return TimeDomainOf(range, Centre(samples, range, centred));
}

// The textbook formulas, loop by loop, in double.
TimeDomain Naive(std::span<const float> samples) {
  const auto n = static_cast<double>(samples.size());
  double mean = 0;
  for (const double x : samples) mean += x / n;
  double abs = 0, square = 0, cube = 0, fourth = 0, peak = 0;
  for (const double x : samples) {
    const double d = x - mean;
    abs += std::abs(d) / n;
    square += d * d / n;
    cube += d * d * d / n;
    fourth += d * d * d * d / n;
    peak = std::max(peak, std::abs(d));
  }
  const auto [lowest, highest] = std::minmax_element(samples.begin(), samples.end());
  const double rms = std::sqrt(square);
  const auto f = [](double value) { return static_cast<float>(value); };
  return {f(mean),
          f(rms),
          f(peak),
          *highest - *lowest,
          f(peak / rms),
          f(cube / (rms * square)),
          f(fourth / (square * square)),
          f(rms / abs),
          f(peak / abs)};
}

void ExpectEqual(const TimeDomain& actual, const TimeDomain& expected) {
  const auto near = [](float a, float b, const char* what) {
    EXPECT_NEAR(a, b, 2e-5f * std::abs(b) + 1e-30f) << what;
  };
  near(actual.mean, expected.mean, "mean");
  near(actual.rms, expected.rms, "rms");
  near(actual.peak, expected.peak, "peak");
  near(actual.peak_to_peak, expected.peak_to_peak, "peak_to_peak");
  near(actual.crest_factor, expected.crest_factor, "crest_factor");
  EXPECT_NEAR(actual.skewness, expected.skewness, 1e-5f);
  near(actual.kurtosis, expected.kurtosis, "kurtosis");
  near(actual.shape_factor, expected.shape_factor, "shape_factor");
  near(actual.impulse_factor, expected.impulse_factor, "impulse_factor");
}

TEST(TimeDomain, EqualsTheNaiveFormulas) {
  for (const int count : {256, 1000, 1024, 16384, 100003}) {
    SCOPED_TRACE(count);
    std::vector<float> samples = Noise(2.5, count, 3);
    for (float& x : samples) x += 0.7f + 0.1f * x * x;  // skewed
    ExpectEqual(Of(samples), Naive(samples));
  }
}

TEST(TimeDomain, OfASineIsWhatTheoryGives) {
  const TimeDomain sine = Of(Sine(3, 100, 10000, 10000));
  EXPECT_NEAR(sine.rms, 3 / std::sqrt(2.0), 1e-4);
  EXPECT_NEAR(sine.peak, 3, 1e-4);
  EXPECT_NEAR(sine.crest_factor, std::sqrt(2.0), 1e-4);
  EXPECT_NEAR(sine.kurtosis, 1.5, 1e-4);
  EXPECT_NEAR(sine.shape_factor, testing::kPi / (2 * std::sqrt(2.0)), 1e-3);
}

TEST(TimeDomain, OfGaussianNoiseHasKurtosisThree) {
  const TimeDomain noise = Of(Noise(1, 200000, 5));
  EXPECT_NEAR(noise.kurtosis, 3, 0.05);
  EXPECT_NEAR(noise.skewness, 0, 0.02);
}

TEST(TimeDomain, KeepsItsRatiosFromTheSmallestToTheLargestSignal) {
  const std::vector<float> unit = Noise(1, 5000, 9);
  const TimeDomain expected = Of(unit);
  for (const float scale : {1e-18f, 1e-6f, 1e6f, 1e11f}) {
    SCOPED_TRACE(scale);
    std::vector<float> scaled = unit;
    for (float& x : scaled) x *= scale;
    const TimeDomain actual = Of(scaled);
    EXPECT_NEAR(actual.rms / scale, expected.rms, 1e-5f);
    EXPECT_NEAR(actual.kurtosis, expected.kurtosis, 1e-4f);
  }
}

TEST(TimeDomain, KeepsASmallSignalOnALargeOffset) {
  std::vector<float> samples = Sine(1, 100, 10000, 10000);
  for (float& x : samples) x = std::round(x * 64) / 64 + 16384;  // exact in float
  const TimeDomain time = Of(samples);
  EXPECT_NEAR(time.mean, 16384, 1e-2);
  EXPECT_NEAR(time.rms, 1 / std::sqrt(2.0), 1e-3);
  EXPECT_NEAR(time.kurtosis, 1.5, 1e-2);
}

TEST(TimeDomain, OfAConstantRecordHasNoRatios) {
  for (const float value : {0.0f, 0.1f, 1e12f}) {
    const TimeDomain time = Of(std::vector<float>(1000, value));
    EXPECT_EQ(time.mean, value);
    EXPECT_EQ(time.rms, 0);
    EXPECT_EQ(time.peak_to_peak, 0);
    EXPECT_TRUE(std::isnan(time.kurtosis));
    EXPECT_TRUE(std::isnan(time.crest_factor));
  }
}

TEST(RangeOf, TakesWhatFloatCannotDivideByForNothing) {
  for (const float tiny : {1e-45f, 1e-39f, 1e-31f}) {
    EXPECT_EQ(RangeOf(std::vector<float>{tiny, -tiny, tiny}).Peak(), 0) << tiny;
  }
  EXPECT_GT(RangeOf(std::vector<float>{1e-29f, -1e-29f}).Peak(), 0);
}

}  // namespace
}  // namespace auscult::features
