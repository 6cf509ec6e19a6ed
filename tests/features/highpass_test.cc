#include "features/highpass.h"

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
HighpassStatistics Of(const std::vector<float>& samples, double rate_hz = kRate) {
  RecordTransform transform(static_cast<int>(samples.size()), rate_hz);
  const ChannelRecord record = transform.Analyse(samples);
  const Highpass highpass(record.transform_length, rate_hz);
  FftVector<std::complex<float>> bins(record.bins.size());
  FftVector<float> scratch(static_cast<size_t>(record.transform_length));
  HighpassStatistics statistics = highpass.Statistics(record.bins, bins, scratch);
  statistics.rms *= static_cast<float>(record.range.Peak());
  statistics.peak *= static_cast<float>(record.range.Peak());
  return statistics;
}

TEST(Highpass, PassesWhatLiesAboveItsCorner) {
  const HighpassStatistics sine = Of(Sine(2, 3000.3, kRate, kCount));
  EXPECT_NEAR(sine.rms, std::sqrt(2.0), 3e-3);
  EXPECT_NEAR(sine.peak, 2, 0.01);
  EXPECT_NEAR(sine.crest_factor, std::sqrt(2.0), 5e-3);
  EXPECT_NEAR(sine.kurtosis, 1.5, 5e-3);
}

TEST(Highpass, RemovesTheShaftEvenWhereTheRecordDoesNotEndOnAWholeTurn) {
  const std::vector<float> noise = Noise(0.01, kCount, 1);
  const HighpassStatistics alone = Of(noise);
  const HighpassStatistics both = Of(Sum(Sine(10, 24.7, kRate, kCount), noise));
  EXPECT_NEAR(both.rms / alone.rms, 1, 0.02);
  EXPECT_NEAR(both.kurtosis, alone.kurtosis, 0.05);
  EXPECT_NEAR(both.peak / alone.peak, 1, 0.1);
}

TEST(Highpass, HasItsCornerAtAnEighthOfALowRate) {
  EXPECT_EQ(Highpass(4096, 25600).corner_hz(), 1000);
  EXPECT_EQ(Highpass(4096, 4000).corner_hz(), 500);
  EXPECT_NEAR(Of(Sine(1, 600, 4000, 4096), 4000).rms, std::sqrt(0.5), 3e-3);
}

TEST(Highpass, OfASlowLineAloneSaysNothing) {
  EXPECT_TRUE(std::isnan(Of(Sine(1, 50, kRate, kCount)).kurtosis));
}

}  // namespace
}  // namespace auscult::features
