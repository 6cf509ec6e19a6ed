#include "features/spectrum.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;
using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 4096;
constexpr int kCount = 4096;  // resolution 1 Hz

class SpectrumTest : public ::testing::Test {
 protected:
  const PowerSpectrum& Of(std::vector<float> samples, double rate_hz = kRate) {
    samples_ = std::move(samples);
    transform_ = std::make_unique<RecordTransform>(static_cast<int>(samples_.size()), rate_hz);
    record_ = transform_->Analyse(samples_);
    return record_.spectrum;
  }
  std::vector<float> samples_;
  std::unique_ptr<RecordTransform> transform_;
  ChannelRecord record_;
};

TEST_F(SpectrumTest, EqualsAWindowedNaiveTransform) {
  for (const int count : {256, 270, 375}) {  // even and odd lengths end differently
    SCOPED_TRACE(count);
    const std::vector<float> x = Noise(2, count, 1);
    double mean = 0;
    for (const double v : x) mean += v / count;
    const PowerSpectrum& spectrum = Of(x);
    for (int k = 0; k < spectrum.bin_count(); ++k) {
      std::complex<double> bin;
      for (int n = 0; n < count; ++n) {
        const double window = 0.5 - 0.5 * std::cos(2 * kPi * n / count);
        bin +=
            window * (static_cast<double>(x[n]) - mean) * std::polar(1.0, -2 * kPi * k * n / count);
      }
      const bool doubled = k > 0 && 2 * k != count;
      const double expected = (doubled ? 2 : 1) * std::norm(bin) / (count * 0.375 * count);
      EXPECT_NEAR(spectrum.relative[k] * spectrum.reference, expected, 1e-6) << k;
    }
  }
}

TEST_F(SpectrumTest, ASineKeepsItsAmplitudeAndRms) {
  for (const double hz : {100.0, 100.25, 100.5}) {  // on a bin, off it, between two
    SCOPED_TRACE(hz);
    const PowerSpectrum& spectrum = Of(Sine(2, hz, kRate, kCount));
    EXPECT_NEAR(BandRms(spectrum, {90, 110}), 2 / std::sqrt(2.0), 2e-3);
    EXPECT_NEAR(InterpolatedFrequency(spectrum, StrongestBin(spectrum, {50, 150})), hz, 1e-3);
  }
  EXPECT_NEAR(Of(Sine(2, 100, kRate, kCount)).Amplitude(100), 2, 1e-4);
  // Half a bin off, a Hann line reads 1.42 dB low (scalloping).
  EXPECT_NEAR(Of(Sine(2, 100.5, kRate, kCount)).Amplitude(100), 2 * std::pow(10, -1.42 / 20), 5e-3);
}

TEST_F(SpectrumTest, TwoTonesAreSeparated) {
  const PowerSpectrum& spectrum =
      Of(Sum(Sine(1, 200, kRate, kCount), Sine(0.01, 230.5, kRate, kCount)));
  EXPECT_NEAR(BandRms(spectrum, {195, 205}), 1 / std::sqrt(2.0), 1e-4);
  EXPECT_NEAR(BandRms(spectrum, {225, 236}), 0.01 / std::sqrt(2.0), 1e-4);
}

TEST_F(SpectrumTest, WhiteNoiseHasItsDensity) {
  const PowerSpectrum& spectrum = Of(Noise(3, 1 << 17, 2));
  const double expected = 9 / (kRate / 2);
  double mean = 0;
  for (int k = 100; k < spectrum.bin_count() - 100; ++k) {
    mean += spectrum.Psd(k) / (spectrum.bin_count() - 200);
  }
  EXPECT_NEAR(mean / expected, 1, 0.02);
  EXPECT_NEAR(BandPower(spectrum, {0, kRate}), 9, 0.15);
}

TEST_F(SpectrumTest, AdjacentBandsAddUpWhereverTheyAreCut) {
  const PowerSpectrum& spectrum = Of(Noise(1, kCount, 4));
  const double whole = BandPower(spectrum, {100, 400});
  for (const double cut_hz : {100.5, 211.0, 211.2, 211.5, 211.99, 399.9}) {
    EXPECT_NEAR(BandPower(spectrum, {100, cut_hz}) + BandPower(spectrum, {cut_hz, 400}), whole,
                1e-6 * whole)
        << cut_hz;
  }
}

TEST_F(SpectrumTest, CountsABinAtTheEdgeByTheShareInside) {
  const PowerSpectrum& spectrum = Of(Noise(1, kCount, 6));
  const double bin = spectrum.relative[300] * spectrum.reference;
  EXPECT_NEAR(BandPower(spectrum, {299.5, 300.5}), bin, 1e-6 * bin);
  EXPECT_NEAR(BandPower(spectrum, {299.75, 300.0}), 0.25 * bin, 1e-6 * bin);
}

TEST_F(SpectrumTest, CutsBandsAtItsEnds) {
  const PowerSpectrum& spectrum = Of(Noise(1, kCount, 8));
  EXPECT_EQ(BandPower(spectrum, {3000, 4000}), 0);
  EXPECT_EQ(BandPower(spectrum, {50, 50}), 0);
  EXPECT_EQ(BandPower(spectrum, {60, 50}), 0);
  EXPECT_DOUBLE_EQ(BandPower(spectrum, {1000, 1e9}), BandPower(spectrum, {1000, 2048.5}));
  EXPECT_EQ(StrongestBin(spectrum, {3000, 4000}), -1);
}

TEST_F(SpectrumTest, OfHugeAndTinySignalsNeitherOverflowsNorVanishes) {
  for (const double amplitude : {1e-15, 1e12}) {
    const PowerSpectrum& spectrum = Of(Sine(amplitude, 100, kRate, kCount));
    EXPECT_NEAR(BandRms(spectrum, {90, 110}) / amplitude, 1 / std::sqrt(2.0), 1e-4);
  }
}

TEST_F(SpectrumTest, IntegratesAndDifferentiatesInFrequency) {
  const PowerSpectrum& spectrum = Of(Sine(1, 50, kRate, kCount));
  const double omega = 2 * kPi * 50;
  for (int times = -2; times <= 2; ++times) {
    SCOPED_TRACE(times);
    EXPECT_NEAR(std::sqrt(DerivativeBandPower(spectrum, {40, 60}, times)) / std::pow(omega, times),
                std::sqrt(0.5), 2e-3);
  }
}

}  // namespace
}  // namespace auscult::features
