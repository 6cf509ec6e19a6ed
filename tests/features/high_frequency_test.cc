#include "features/high_frequency.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 25600;
constexpr int kCount = 16384;

// In units of the signal.
HighFrequencyLevel Of(const std::vector<float>& samples, double rate_hz = kRate) {
  RecordTransform transform(static_cast<int>(samples.size()), rate_hz);
  const ChannelRecord record = transform.Analyse(samples);
  const HighFrequency high(record.transform_length, rate_hz);
  FftVector<std::complex<float>> bins(static_cast<size_t>(high.scratch_length()));
  FftVector<std::complex<float>> analytic(bins.size());
  HighFrequencyLevel level = high.Level(record.bins, bins, analytic);
  level.rms *= static_cast<float>(record.range.Peak());
  level.peak *= static_cast<float>(record.range.Peak());
  return level;
}

TEST(HighFrequency, OfASineIsItsAmplitudeAndRms) {
  const HighFrequencyLevel level = Of(Sine(2, 8000, kRate, kCount));
  EXPECT_NEAR(level.peak, 2, 0.01);
  EXPECT_NEAR(level.rms, std::sqrt(2.0), 2e-3);
}

TEST(HighFrequency, OfWhiteNoiseFollowsTheWidthOfTheBand) {
  const HighFrequencyLevel level = Of(Noise(2, 1 << 18, 1));
  EXPECT_NEAR(level.rms, 2 * std::sqrt(7800.0 / 12800), 0.01);
}

TEST(HighFrequency, FindsOneStressWaveAmongShaftLines) {
  // One burst at 9 kHz, 0.1 ms long, under shaft vibration a hundred times higher.
  std::vector<float> samples = Sine(10, 24.7, kRate, kCount);
  for (int i = 0; i < kCount; ++i) {
    const double t = i / kRate - 0.3;
    samples[i] +=
        static_cast<float>(0.1 * std::exp(-t * t / 2e-8) * std::cos(2 * testing::kPi * 9000 * t));
  }
  const HighFrequencyLevel level = Of(samples);
  EXPECT_NEAR(level.peak, 0.1, 0.01);
  EXPECT_LT(level.rms, 0.005f);
}

TEST(HighFrequency, IsRefusedWhereNyquistIsBelow6KHz) {
  EXPECT_FALSE(std::isnan(Of(Noise(1, 12001, 5), 12000).peak));
  EXPECT_TRUE(std::isnan(Of(Noise(1, 12000, 5), 11900).peak));
  EXPECT_TRUE(std::isnan(Of(Noise(1, 12000, 5), 1000).rms));
  EXPECT_TRUE(std::isnan(Of(Noise(1, 256, 5), 12800).rms));  // 29 bins
}

}  // namespace
}  // namespace auscult::features
