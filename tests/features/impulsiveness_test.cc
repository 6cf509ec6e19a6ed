#include "features/impulsiveness.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;
using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 25600;
constexpr int kCount = 16384;

float Of(const std::vector<float>& samples, Band band, double rate_hz = kRate) {
  RecordTransform transform(static_cast<int>(samples.size()), rate_hz);
  const ChannelRecord record = transform.Analyse(samples);
  const BandImpulsiveness impulsiveness(band, record.transform_length, rate_hz);
  const auto length = static_cast<size_t>(impulsiveness.scratch_length());
  FftVector<std::complex<float>> bins(length);
  FftVector<std::complex<float>> analytic(length);
  return impulsiveness.Db(record.bins, bins, analytic);
}

TEST(BandImpulsiveness, OfGaussianNoiseIsZero) {
  for (const Band band : {Band{500, 2000}, Band{4000, 7000}, Band{1000, 12000}}) {
    float mean = 0;
    for (uint32_t seed = 0; seed < 8; ++seed) mean += Of(Noise(1, kCount, seed), band) / 8;
    EXPECT_NEAR(mean, 0, 0.1) << band.low_hz;
  }
}

TEST(BandImpulsiveness, OfASingleLineIsMinusThree) {
  EXPECT_NEAR(Of(Sine(1, 5000, kRate, kCount), {4000, 7000}), -3.01, 0.02);
}

TEST(BandImpulsiveness, OfAnAmplitudeModulatedLineFollowsTheory) {
  // e = (1 + m cos)^2: mean 1 + m^2/2, mean of the square 1 + 3 m^2 + 3 m^4 / 8.
  const double m = 0.5;
  std::vector<float> samples(kCount);
  for (int i = 0; i < kCount; ++i) {
    samples[i] = static_cast<float>((1 + m * std::cos(2 * kPi * 50 * i / kRate)) *
                                    std::sin(2 * kPi * 5000 * i / kRate));
  }
  const double mean = 1 + m * m / 2;
  const double square = 1 + 3 * m * m + 3 * m * m * m * m / 8;
  EXPECT_NEAR(Of(samples, {4000, 7000}), 10 * std::log10(square / (mean * mean) / 2), 0.02);
}

TEST(BandImpulsiveness, RisesWithImpactsInTheirOwnBandOnly) {
  const auto samples = Sum(testing::Impacts(5, 30, 5500, kRate, kCount), Noise(0.3, kCount, 3));
  EXPECT_GT(Of(samples, {4000, 7000}), 8.0f);
  EXPECT_LT(Of(samples, {500, 2000}), 3.0f);
}

TEST(BandImpulsiveness, IgnoresAShaftLineThatDoesNotFitTheRecord) {
  const auto noise = Noise(0.02, kCount, 4);
  EXPECT_NEAR(Of(Sum(Sine(0.5, 24.7, kRate, kCount), noise), {500, 2000}), Of(noise, {500, 2000}),
              0.2);
}

TEST(BandImpulsiveness, IsRefusedAboveNyquist) {
  EXPECT_TRUE(std::isnan(Of(Noise(1, kCount, 5), {7000, 12500}, 12000)));
  EXPECT_FALSE(std::isnan(Of(Noise(1, kCount, 5), {4000, 7000}, 12000)));
  EXPECT_TRUE(std::isnan(Of(Noise(1, 256, 5), {500, 2000}, 25600)));  // 15 bins
}

}  // namespace
}  // namespace auscult::features
