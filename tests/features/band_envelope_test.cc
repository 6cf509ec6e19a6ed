#include "features/band_envelope.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "features/fft.h"

namespace auscult::features {
namespace {

constexpr int kLength = 12000;

FftVector<std::complex<float>> SpectrumOf(const FftVector<float>& samples) {
  const RealFft fft(static_cast<int>(samples.size()));
  FftVector<std::complex<float>> spectrum(fft.bin_count());
  fft.Forward(samples, spectrum);
  return spectrum;
}

// A carrier in bin 3000 whose amplitude swings by `depth` once every kLength / 50 samples.
FftVector<float> Modulated(double depth) {
  FftVector<float> samples(kLength);
  for (int i = 0; i < kLength; ++i) {
    const double phase = 2 * std::numbers::pi * i / kLength;
    samples[i] = static_cast<float>((1 + depth * std::cos(50 * phase)) * std::cos(3000 * phase));
  }
  return samples;
}

TEST(BandEnvelope, ShowsTheDepthOfAnAmplitudeModulation) {
  constexpr double kDepth = 0.3;
  const auto spectrum = SpectrumOf(Modulated(kDepth));
  BandEnvelope envelope;
  // Wide bands at a high and at an averaged rate, and a narrow one.
  struct Case {
    BinRange band;
    int needed_bins;
  };
  for (const Case& c : {Case{{120, 5700}, 5700}, Case{{120, 5700}, 200}, Case{{2800, 400}, 120}}) {
    SCOPED_TRACE(c.needed_bins);
    envelope.Demodulate(spectrum, c.band, c.needed_bins);
    const std::span<const float> power = envelope.SquaredPower();
    const double length = envelope.envelope_length();
    // (1 + d cos)^2 over its mean 1 + d^2 / 2: 2 d at once and d^2 / 2 at twice the rate.
    const double mean = 1 + kDepth * kDepth / 2;
    EXPECT_NEAR(2 * std::sqrt(power[50]) / length, 2 * kDepth / mean, 0.015);
    EXPECT_NEAR(2 * std::sqrt(power[100]) / length, kDepth * kDepth / 2 / mean, 0.005);
    EXPECT_LT(2 * std::sqrt(power[75]) / length, 0.002);
    EXPECT_LE(static_cast<int>(power.size()), c.needed_bins);
  }
}

TEST(BandEnvelope, ShowsTheSameLinesInTheLog) {
  const auto spectrum = SpectrumOf(Modulated(0.1));
  BandEnvelope envelope;
  for (const int needed : {5700, 200}) {
    envelope.Demodulate(spectrum, {120, 5700}, needed);
    const std::span<const float> power = envelope.LogPower();
    // ln (1 + d cos)^2 = 2 d cos - ... for small d.
    EXPECT_NEAR(2 * std::sqrt(power[50]) / static_cast<float>(envelope.envelope_length()), 0.2,
                0.01);
  }
}

TEST(BandEnvelope, OfAnEmptyBandIsConstant) {
  const FftVector<std::complex<float>> spectrum(6001);
  BandEnvelope envelope;
  envelope.Demodulate(spectrum, {120, 5700}, 200);
  for (const float value : envelope.SquaredPower()) EXPECT_EQ(value, 0);
  for (const float value : envelope.LogPower()) EXPECT_NEAR(value, 0, 1e-6);
}

TEST(DemodulationBands, HalveWithHalfOverlap) {
  std::vector<BinRange> bands;
  DemodulationBands(kLength, 1000, false, bands);
  ASSERT_EQ(bands.size(), 1u + 3u + 7u);  // eighths would be narrower than 1000 bins
  EXPECT_EQ(bands[0].first, 120);
  EXPECT_EQ(bands[0].count, 5700);
  EXPECT_EQ(bands[2].first - bands[1].first, bands[1].count / 2);
  for (const BinRange& band : bands) EXPECT_LE(band.first + band.count, 120 + 5700);
  DemodulationBands(kLength, 1, true, bands);
  EXPECT_EQ(bands.size(), 1u);
}

}  // namespace
}  // namespace auscult::features
