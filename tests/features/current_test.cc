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

TEST(LinePhasor, IsTheComplexAmplitudeBetweenBinsToo) {
  RecordTransform transform(kCount, kRate);
  for (const double line_hz : {50.0, 50.03, 49.95, 50.049}) {
    SCOPED_TRACE(line_hz);
    const ChannelRecord record = transform.Analyse(Sine(7, line_hz, kRate, kCount, 0.6));
    const auto phasor = record.range.Peak() * LinePhasor(record.bins, record.transform_length,
                                                         record.resolution_hz(), line_hz);
    EXPECT_NEAR(std::abs(phasor), 7, 2e-3);
    EXPECT_NEAR(std::arg(phasor), 0.6 - kPi / 2, 1e-3);  // of a cosine
  }
}

TEST(AmplitudeVariation, TellsASteadyCurrentFromOneThatRises) {
  RecordTransform transform(kCount, kRate);
  const auto variation = [&](double line_hz, double rise) {
    auto samples = Sine(1, line_hz, kRate, kCount);
    for (int i = 0; i < kCount; ++i) {
      samples[i] *= static_cast<float>(1 + rise * i / kCount);
    }
    const ChannelRecord record = transform.Analyse(samples);
    return AmplitudeVariationPercent(record.bins, record.resolution_hz(), line_hz);
  };
  for (const double line_hz : {50.0, 50.05, 49.98}) {
    SCOPED_TRACE(line_hz);
    EXPECT_LT(variation(line_hz, 0), 2);
    // 60 % of the rise lie within the part that is looked at.
    EXPECT_NEAR(variation(line_hz, 0.3), 100 * 0.6 * 0.3 / 1.15, 3);
  }
  EXPECT_TRUE(std::isnan(variation(0.4, 0)));
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
  EXPECT_NEAR(balance.zero_sequence_percent, 100 * (1.0 / 3) / (31.0 / 3), 1e-3);
  EXPECT_NEAR(balance.positive_sequence, 31.0 / 3, 1e-3);
  // One phase lost: positive and negative are 20/3 and 10/3, and so is what flows to neutral.
  balance = PhaseBalanceOf({phase(0, 0), phase(10, -120), phase(10, 120)});
  EXPECT_NEAR(balance.positive_sequence, 20.0 / 3, 1e-3);
  EXPECT_NEAR(balance.negative_sequence_percent, 50, 1e-3);
  EXPECT_NEAR(balance.zero_sequence_percent, 50, 1e-3);
  EXPECT_TRUE(std::isnan(PhaseBalanceOf({}).unbalance_percent));
}

}  // namespace
}  // namespace auscult::features
