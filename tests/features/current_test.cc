#include "features/current.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;
using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 5000;
constexpr int kCount = 50000;  // 10 s

TEST(SupplyLine, GivesFrequencyLevelAndDistortion) {
  auto samples = Sine(10, 49.87, kRate, kCount);
  samples = Sum(samples, Sine(0.5, 5 * 49.87, kRate, kCount));
  samples = Sum(samples, Sine(0.3, 7 * 49.87, kRate, kCount));
  RecordTransform transform(kCount, kRate);
  const SupplyLine line = SupplyLineOf(transform.Analyse(samples).spectrum);
  EXPECT_NEAR(line.frequency_hz, 49.87, 1e-3);
  EXPECT_NEAR(line.rms, 10 / std::sqrt(2.0), 5e-3);
  EXPECT_NEAR(line.thd_percent, 100 * std::hypot(0.05, 0.03), 0.02);
  EXPECT_NEAR(line.harmonic_rms[1], 0.5 / std::sqrt(2.0), 1e-3);
  EXPECT_LT(line.harmonic_rms[0], 1e-3);
}

TEST(SupplyLine, IsNotFoundInNoise) {
  RecordTransform transform(kCount, kRate);
  EXPECT_TRUE(
      std::isnan(SupplyLineOf(transform.Analyse(Noise(1, kCount, 1)).spectrum).frequency_hz));
}

struct Rotor {
  double low_db;
  double speed_error_rpm = 0;
  double seconds = 10;
};

RotorSidebands SidebandsOf(const Rotor& rotor) {
  const int count = static_cast<int>(rotor.seconds * kRate);
  const double line_hz = 50.13;
  const double slip = 0.03;
  const double sideband = 10 * std::pow(10, -rotor.low_db / 20);
  auto samples = Sine(10, line_hz, kRate, count);
  samples = Sum(samples, Sine(sideband, (1 - 2 * slip) * line_hz, kRate, count, 1));
  samples = Sum(samples, Sine(sideband / 2, (1 + 2 * slip) * line_hz, kRate, count, 2));
  samples = Sum(samples, Noise(1e-4, count, 3));
  RecordTransform transform(count, kRate);
  const ChannelRecord record = transform.Analyse(samples);
  Machine machine;
  machine.pole_pairs = 2;
  const double speed_hz = (1 - slip) * line_hz / 2 + rotor.speed_error_rpm / 60;
  return RotorSidebandsOf(record.bins, record.resolution_hz(), machine, speed_hz, line_hz);
}

TEST(RotorSidebands, AreMeasuredFarBelowTheLine) {
  for (const double level_db : {35.0, 45.0, 60.0, 75.0}) {
    SCOPED_TRACE(level_db);
    const RotorSidebands sidebands = SidebandsOf({level_db});
    EXPECT_NEAR(sidebands.slip, 0.03, 1e-5);
    EXPECT_NEAR(sidebands.low_db, level_db, 1.0);  // 0.8 dB of scalloping at most
    EXPECT_NEAR(sidebands.high_db, level_db + 6.02, 1.0);
  }
}

TEST(RotorSidebands, AreFoundWhereTheSpeedIsThreeRpmOff) {
  EXPECT_NEAR(SidebandsOf({50, 3}).low_db, 50, 1.0);
  EXPECT_NEAR(SidebandsOf({50, -3}).low_db, 50, 1.0);
}

TEST(RotorSidebands, AreRefusedInShortRecordsRatherThanTakenFromLeakage) {
  // 2 s f = 3 Hz: five bins need 1.67 s.
  EXPECT_TRUE(std::isnan(SidebandsOf({60, 0, 1.6}).low_db));
  EXPECT_NEAR(SidebandsOf({60, 0, 2.0}).low_db, 60, 2.5);
}

TEST(RotorSidebands, NeedSpeedAndPolePairs) {
  RecordTransform transform(kCount, kRate);
  const auto samples = Sine(10, 50, kRate, kCount);
  const ChannelRecord record = transform.Analyse(samples);
  EXPECT_TRUE(
      std::isnan(RotorSidebandsOf(record.bins, record.resolution_hz(), Machine(), 24.2, 50).slip));
  Machine machine;
  machine.pole_pairs = 2;
  const auto slip_at = [&](double speed_hz) {
    return RotorSidebandsOf(record.bins, record.resolution_hz(), machine, speed_hz, 50).slip;
  };
  EXPECT_TRUE(std::isnan(slip_at(static_cast<double>(kNotKnown))));
  EXPECT_TRUE(std::isnan(slip_at(26)));  // faster than the field
  EXPECT_TRUE(std::isnan(slip_at(10)));
  EXPECT_NEAR(slip_at(24.2), 0.032, 1e-6);
}

TEST(PhaseBalance, FollowsTheDefinitions) {
  const auto phase = [](double magnitude, double degrees) {
    return std::polar(magnitude, degrees * kPi / 180);
  };
  PhaseBalance balance = PhaseBalanceOf({phase(10, 0), phase(10, -120), phase(10, 120)});
  EXPECT_NEAR(balance.unbalance_percent, 0, 1e-4);
  EXPECT_NEAR(balance.negative_sequence_percent, 0, 1e-4);
  // Two sensors swapped: still balanced.
  balance = PhaseBalanceOf({phase(10, 0), phase(10, 120), phase(10, -120)});
  EXPECT_NEAR(balance.negative_sequence_percent, 0, 1e-4);
  // One phase 10 % high: mean 10.333; negative sequence 1/3 of the excess over the positive.
  balance = PhaseBalanceOf({phase(11, 0), phase(10, -120), phase(10, 120)});
  EXPECT_NEAR(balance.unbalance_percent, 100 * (11 - 31.0 / 3) / (31.0 / 3), 1e-3);
  EXPECT_NEAR(balance.negative_sequence_percent, 100 * (1.0 / 3) / (31.0 / 3), 1e-3);
  EXPECT_TRUE(std::isnan(PhaseBalanceOf({}).unbalance_percent));
}

}  // namespace
}  // namespace auscult::features
