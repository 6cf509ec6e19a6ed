#include "features/welch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;
using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 4096;
constexpr int kCount = 1 << 16;
constexpr int kSegment = 4096;  // 1 Hz

AveragedSpectrum Of(Welch::Kind kind, std::span<const float> samples, int segment = kSegment,
                    double rate_hz = kRate) {
  Welch welch(kind, segment);
  AveragedSpectrum out;
  welch.Compute(samples, rate_hz, out);
  return out;
}

double MeanSquare(const AveragedSpectrum& density, int first, int last) {
  double sum = 0;
  for (int k = first; k <= last; ++k) sum += static_cast<double>(density.values[k]);
  return sum * density.resolution_hz;
}

TEST(Welch, DensityOfWhiteNoiseIsItsMeanSquareOverNyquist) {
  const auto density = Of(Welch::Kind::kDensity, Noise(3, 1 << 18, 1));
  EXPECT_EQ(density.segments, 2 * (1 << 18) / kSegment - 1);
  EXPECT_NEAR(MeanSquare(density, 0, 2048), 9, 0.1);
  for (const int first : {10, 500, 1500}) {
    EXPECT_NEAR(MeanSquare(density, first, first + 499) / 500, 9 / 2048.0, 9 / 2048.0 * 0.03);
  }
}

TEST(Welch, EquivalentNoiseBandwidthIsThatOfTheWindow) {
  EXPECT_NEAR(Of(Welch::Kind::kDensity, Noise(1, kCount, 1)).enbw_hz, 1.5, 1e-6);
  EXPECT_NEAR(Of(Welch::Kind::kAmplitude, Noise(1, kCount, 1)).enbw_hz, 3.7702, 1e-3);
}

TEST(Welch, AmplitudeOfAToneIsItsOwnWhereverItFalls) {
  for (const double hz : {300.0, 300.1, 300.25, 300.5, 300.77}) {
    SCOPED_TRACE(hz);
    const auto amplitude = Of(Welch::Kind::kAmplitude, Sine(2.5, hz, kRate, kCount, 0.3));
    EXPECT_NEAR(*std::ranges::max_element(amplitude.values), 2.5, 3e-3);
  }
}

TEST(Welch, DensityOfAToneHoldsItsMeanSquare) {
  for (const double hz : {300.0, 300.25, 300.5}) {
    SCOPED_TRACE(hz);
    const auto density = Of(Welch::Kind::kDensity, Sine(2, hz, kRate, kCount));
    EXPECT_NEAR(MeanSquare(density, 290, 310), 2, 2e-3);
  }
  // A tone on a bin stands at its mean square over the noise bandwidth.
  const auto density = Of(Welch::Kind::kDensity, Sine(2, 300, kRate, kCount));
  EXPECT_NEAR(density.values[300] * density.enbw_hz, 2, 2e-3);
}

TEST(Welch, TellsTwoTonesApart) {
  const auto samples = Sum(Sine(1, 500.3, kRate, kCount), Sine(0.01, 520.6, kRate, kCount));
  const auto amplitude = Of(Welch::Kind::kAmplitude, samples);
  const auto highest = [&](int first, int last) {
    return *std::max_element(amplitude.values.begin() + first, amplitude.values.begin() + last);
  };
  EXPECT_NEAR(highest(495, 506), 1, 1e-3);
  EXPECT_NEAR(highest(515, 526), 0.01, 1e-4);
}

TEST(Welch, OfAModulatedToneHasSidebandsOfHalfItsDepth) {
  std::vector<float> samples(kCount);
  for (int i = 0; i < kCount; ++i) {
    const double t = i / kRate;
    samples[i] =
        static_cast<float>((1 + 0.4 * std::cos(2 * kPi * 25 * t)) * std::sin(2 * kPi * 800 * t));
  }
  const auto amplitude = Of(Welch::Kind::kAmplitude, samples);
  EXPECT_NEAR(amplitude.values[800], 1, 1e-3);
  EXPECT_NEAR(amplitude.values[775], 0.2, 1e-3);
  EXPECT_NEAR(amplitude.values[825], 0.2, 1e-3);
}

TEST(Welch, OfAnImpulseTrainHasEqualLines) {
  std::vector<float> samples(kCount);
  for (int i = 0; i < kCount; i += 64) samples[i] = 1;
  const auto amplitude = Of(Welch::Kind::kAmplitude, samples);
  for (int line = 1; line < 32; ++line) {
    EXPECT_NEAR(amplitude.values[64 * line], 2.0 / 64, 1e-4) << line;
  }
  EXPECT_NEAR(amplitude.values[2048], 1.0 / 64, 1e-4);  // Nyquist is not doubled
}

TEST(Welch, LeavesOutMeanAndSlopeOfEachSegment) {
  std::vector<float> samples = Sine(1, 300, kRate, kCount);
  for (int i = 0; i < kCount; ++i) samples[i] += static_cast<float>(5 + 0.01 * i);
  const auto density = Of(Welch::Kind::kDensity, samples);
  EXPECT_NEAR(MeanSquare(density, 0, 2048), 0.5, 1e-3);
  EXPECT_LT(MeanSquare(density, 0, 20), 1e-6);
}

TEST(Welch, EqualsItsDefinitionAtAnyLength) {
  for (const int segment : {16, 97, 270}) {
    SCOPED_TRACE(segment);
    const auto x = Noise(1, segment, 4);
    double mean = 0;
    double slope = 0;
    const double middle = (segment - 1) / 2.0;
    for (int n = 0; n < segment; ++n) {
      mean += static_cast<double>(x[n]) / segment;
      slope += static_cast<double>(x[n]) * (n - middle) * 12 /
               (segment * (static_cast<double>(segment) * segment - 1));
    }
    const auto density = Of(Welch::Kind::kDensity, x, segment, 1000);
    ASSERT_EQ(density.values.size(), static_cast<size_t>(segment / 2 + 1));
    for (int k = 0; k <= segment / 2; ++k) {
      std::complex<double> bin;
      double square = 0;
      for (int n = 0; n < segment; ++n) {
        const double window = 0.5 - 0.5 * std::cos(2 * kPi * n / segment);
        square += window * window;
        bin += window * (static_cast<double>(x[n]) - mean - slope * (n - middle)) *
               std::polar(1.0, -2 * kPi * k * n / segment);
      }
      const double doubled = k > 0 && 2 * k != segment ? 2 : 1;
      EXPECT_NEAR(density.values[k], doubled * std::norm(bin) / (1000 * square), 1e-7) << k;
    }
  }
}

TEST(Welch, OfHugeAndTinySignalsNeitherOverflowsNorVanishes) {
  for (const double amplitude : {1e-12, 1e12}) {
    const auto found = Of(Welch::Kind::kAmplitude, Sine(amplitude, 300, kRate, kCount));
    EXPECT_NEAR(found.values[300] / amplitude, 1, 1e-3);
    EXPECT_TRUE(
        std::isfinite(Of(Welch::Kind::kDensity, Sine(amplitude, 300, kRate, kCount)).values[300]));
  }
}

}  // namespace
}  // namespace auscult::features
