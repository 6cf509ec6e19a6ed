#include "features/velocity.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 8192;
constexpr int kCount = 16384;
constexpr float kSpeed = 1500;
constexpr double kGravity = 9.80665;

float VelocityOf(const std::vector<float>& samples, Quantity quantity, float speed_rpm = kSpeed,
                 double rate_hz = kRate) {
  RecordTransform transform(static_cast<int>(samples.size()), rate_hz);
  return VelocityRmsMmS(transform.Analyse(samples).spectrum, quantity, speed_rpm);
}

TEST(VelocityRms, OfOneGAt159HzIs9Point807MmPerS) {
  const auto samples = Sine(kGravity * std::sqrt(2.0), 159.155, kRate, kCount);
  EXPECT_NEAR(VelocityOf(samples, Quantity::kAcceleration), 9.807, 0.005);
}

TEST(VelocityRms, IsTheSameFromAccelerationVelocityAndDisplacement) {
  const double omega = 2 * kPi * 62.3;
  const double velocity = 0.004;  // m/s peak
  EXPECT_NEAR(VelocityOf(Sine(velocity * omega, 62.3, kRate, kCount), Quantity::kAcceleration),
              4 / std::sqrt(2.0), 0.01);
  EXPECT_NEAR(VelocityOf(Sine(velocity, 62.3, kRate, kCount), Quantity::kVelocity),
              4 / std::sqrt(2.0), 0.01);
  EXPECT_NEAR(VelocityOf(Sine(velocity / omega, 62.3, kRate, kCount), Quantity::kDisplacement),
              4 / std::sqrt(2.0), 0.01);
}

TEST(VelocityRms, LeavesOutWhatLiesOutsideItsBand) {
  const auto inside = Sine(1, 100, kRate, kCount);
  const auto outside = Sum(Sine(0.3, 5, kRate, kCount), Sine(10, 1500, kRate, kCount));
  EXPECT_NEAR(VelocityOf(Sum(inside, outside), Quantity::kAcceleration),
              VelocityOf(inside, Quantity::kAcceleration), 1e-3);
  // A slow shaft moves the lower edge to 2 Hz: then the 5 Hz line counts.
  EXPECT_GT(VelocityOf(Sum(inside, outside), Quantity::kAcceleration, 300), 6.0f);
}

TEST(VelocityRms, IsRefusedWhereTheRecordDoesNotResolveTheBand) {
  EXPECT_FALSE(std::isnan(VelocityOf(Sine(1, 100, 8192, 3600), Quantity::kAcceleration)));
  EXPECT_TRUE(std::isnan(VelocityOf(Sine(1, 100, 8192, 3240), Quantity::kAcceleration)));
  EXPECT_TRUE(std::isnan(VelocityOf(Sine(1, 100, 8192, 8192), Quantity::kAcceleration, 400)));
  // Half of the band lies above Nyquist.
  EXPECT_TRUE(
      std::isnan(VelocityOf(Sine(1, 100, 1000, 1000), Quantity::kAcceleration, 1500, 1000)));
}

float DisplacementOf(const std::vector<float>& samples, Quantity quantity, float speed_rpm) {
  RecordTransform transform(static_cast<int>(samples.size()), kRate);
  const ChannelRecord record = transform.Analyse(samples);
  Displacement displacement(record.transform_length, kRate);
  return displacement.PeakToPeakUm(record.bins, record.range.Peak(), quantity,
                                   VelocityBand(speed_rpm));
}

TEST(Displacement, OfASineIsTwiceItsAmplitude) {
  for (const double hz : {24.7, 50.0, 133.3}) {
    SCOPED_TRACE(hz);
    const double omega = 2 * kPi * hz;
    const double amplitude = 30e-6;
    EXPECT_NEAR(DisplacementOf(Sine(amplitude * omega * omega, hz, kRate, kCount),
                               Quantity::kAcceleration, kSpeed),
                60, 1.2);
    EXPECT_NEAR(
        DisplacementOf(Sine(amplitude * omega, hz, kRate, kCount), Quantity::kVelocity, kSpeed), 60,
        1.2);
    EXPECT_NEAR(DisplacementOf(Sine(amplitude, hz, kRate, kCount), Quantity::kDisplacement, kSpeed),
                60, 1.2);
  }
}

TEST(Displacement, IsRefusedWhereTheRecordDoesNotResolveTheBand) {
  EXPECT_TRUE(
      std::isnan(DisplacementOf(Sine(1, 100, kRate, 2048), Quantity::kAcceleration, kSpeed)));
}

TEST(MotionRms, OfATwoToneIsTheSameFromAccelerationVelocityAndDisplacement) {
  // 3 m/s^2 and 4 m/s^2 peak at 50 and 200 Hz.
  const double slow = 2 * kPi * 50;
  const double fast = 2 * kPi * 200;
  for (const auto& [quantity, times] :
       {std::pair{Quantity::kAcceleration, 0}, std::pair{Quantity::kVelocity, 1},
        std::pair{Quantity::kDisplacement, 2}}) {
    SCOPED_TRACE(times);
    const auto samples = Sum(Sine(3 / std::pow(slow, times), 50, kRate, kCount),
                             Sine(4 / std::pow(fast, times), 200, kRate, kCount));
    RecordTransform transform(kCount, kRate);
    const PowerSpectrum spectrum = transform.Analyse(samples).spectrum;
    EXPECT_NEAR(AccelerationRmsMS2(spectrum, quantity, kSpeed), 5 / std::sqrt(2.0), 0.02);
    EXPECT_NEAR(VelocityRmsMmS(spectrum, quantity, kSpeed),
                1e3 * std::hypot(3 / slow, 4 / fast) / std::sqrt(2.0), 0.02);
    EXPECT_NEAR(DisplacementRmsUm(spectrum, quantity, kSpeed),
                1e6 * std::hypot(3 / slow / slow, 4 / fast / fast) / std::sqrt(2.0), 0.1);
  }
}

TEST(MotionRms, OfWhiteNoiseFollowsTheWidthOfTheBand) {
  constexpr double kFast = 65536;
  const auto samples = testing::Noise(2, 1 << 18, 1);
  RecordTransform transform(1 << 18, kFast);
  const PowerSpectrum spectrum = transform.Analyse(samples).spectrum;
  EXPECT_NEAR(AccelerationRmsMS2(spectrum, Quantity::kAcceleration, kSpeed),
              2 * std::sqrt((10000 - 10) / (kFast / 2)), 0.01);
}

TEST(MotionRms, IsRefusedWhereTheRecordDoesNotResolveTheBand) {
  RecordTransform transform(3240, kRate);
  const auto samples = Sine(1, 100, kRate, 3240);
  const PowerSpectrum spectrum = transform.Analyse(samples).spectrum;
  EXPECT_TRUE(std::isnan(AccelerationRmsMS2(spectrum, Quantity::kAcceleration, kSpeed)));
  EXPECT_TRUE(std::isnan(DisplacementRmsUm(spectrum, Quantity::kAcceleration, kSpeed)));
}

TEST(AccelerationPower, IsTheSameFromAccelerationVelocityAndDisplacement) {
  const double omega = 2 * kPi * 440;
  for (const auto& [quantity, amplitude] :
       {std::pair{Quantity::kAcceleration, 1.0}, std::pair{Quantity::kVelocity, 1 / omega},
        std::pair{Quantity::kDisplacement, 1 / omega / omega}}) {
    const auto samples = Sine(amplitude, 440, kRate, kCount);
    RecordTransform transform(kCount, kRate);
    const ChannelRecord record = transform.Analyse(samples);
    EXPECT_NEAR(AccelerationPower(record.spectrum, quantity, {438, 442}), 0.5, 2e-3);
  }
}

}  // namespace
}  // namespace auscult::features
