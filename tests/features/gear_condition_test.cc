#include "features/gear_condition.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "features/synchronous_average.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;
using testing::Noise;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 25600;
constexpr int kCount = 32768;
constexpr double kShaftHz = 24.7;
constexpr int kTeeth = 23;

GearCondition Of(const std::vector<float>& samples, int teeth = kTeeth,
                 double shaft_hz = kShaftHz) {
  RecordTransform transform(static_cast<int>(samples.size()), kRate);
  const ChannelRecord record = transform.Analyse(samples);
  GearAnalysis analysis;
  GearCondition condition = analysis.Analyse(record.bins, record.transform_length,
                                             shaft_hz / record.resolution_hz(), teeth);
  condition.residual_rms *= static_cast<float>(record.range.Peak());
  return condition;
}

// A mesh of amplitude 1, modulated by the shaft.
std::vector<float> Mesh(double modulation) {
  std::vector<float> samples(kCount);
  for (int i = 0; i < kCount; ++i) {
    const double turn = kShaftHz * i / kRate;
    samples[i] = static_cast<float>((1 + modulation * std::cos(2 * kPi * turn)) *
                                    std::sin(2 * kPi * kTeeth * turn));
  }
  return samples;
}

// One impact of width `share` of a turn in every turn.
std::vector<float> OnceATurn(double amplitude, double share) {
  std::vector<float> samples(kCount);
  for (int i = 0; i < kCount; ++i) {
    const double turn = kShaftHz * i / kRate;
    const double distance = (turn - std::floor(turn) - 0.5) / share;
    samples[i] = static_cast<float>(amplitude * std::exp(-distance * distance / 2));
  }
  return samples;
}

TEST(GearCondition, OfAnEvenMeshFollowsTheory) {
  const GearCondition even = Of(Mesh(0));
  EXPECT_NEAR(even.fm0, 2, 0.01);  // peak to peak over amplitude
  EXPECT_NEAR(even.sideband_energy_ratio, 0, 0.01);
  EXPECT_TRUE(std::isnan(even.fm4));  // nothing differs from tooth to tooth
  EXPECT_TRUE(std::isnan(even.na4));
}

TEST(GearCondition, OfAModulatedMeshFollowsTheory) {
  const GearCondition modulated = Of(Mesh(0.4));
  EXPECT_NEAR(modulated.fm0, 2 * 1.4,
              0.04);  // the crest of a tooth and of the modulation nearly meet
  EXPECT_NEAR(modulated.sideband_energy_ratio, 0.4, 0.01);
  // The residual is 0.4 cos(a) sin(b): RMS 0.2, kurtosis 1.5 x 1.5.
  EXPECT_NEAR(modulated.residual_rms, 0.2, 2e-3);
  EXPECT_NEAR(modulated.na4, 2.25, 0.02);
  EXPECT_TRUE(std::isnan(modulated.fm4));
}

TEST(GearCondition, OfNoiseIsThree) {
  double fm4 = 0;
  double na4 = 0;
  for (uint32_t seed = 0; seed < 16; ++seed) {
    const GearCondition noisy = Of(Sum(Mesh(0), Noise(0.5, kCount, seed)));
    fm4 += noisy.fm4 / 16;
    na4 += noisy.na4 / 16;
  }
  EXPECT_NEAR(fm4, 3, 0.2);
  EXPECT_NEAR(na4, 3, 0.2);
}

TEST(GearCondition, RisesWithOneToothThatDiffers) {
  const std::vector<float> healthy = Sum(Mesh(0.1), Noise(0.5, kCount, 3));
  const GearCondition broken = Of(Sum(healthy, OnceATurn(1, 0.01)));
  EXPECT_GT(broken.fm4, 8.0f);
  EXPECT_GT(broken.na4, 8.0f);
  EXPECT_LT(Of(healthy).fm4, 4.0f);
}

// Against the definition: turns of a synchronously sampled record averaged in time.
TEST(GearCondition, EqualsAnAverageTakenInTime) {
  constexpr int kPerTurn = 512;
  constexpr int kTurns = 64;
  std::vector<float> turn = Noise(0.3, kPerTurn, 8);
  for (int i = 0; i < kPerTurn; ++i) {
    turn[i] += static_cast<float>(std::sin(2 * kPi * kTeeth * i / kPerTurn));
  }
  std::vector<float> samples;
  for (int i = 0; i < kTurns; ++i) samples.insert(samples.end(), turn.begin(), turn.end());
  const GearCondition found = Of(samples, kTeeth, kRate / kPerTurn);

  std::vector<std::complex<double>> lines(127);  // 5.5 x 23 = 126.5
  double mean = 0;
  for (const float value : turn) mean += static_cast<double>(value) / kPerTurn;
  for (size_t m = 1; m < lines.size(); ++m) {
    for (int i = 0; i < kPerTurn; ++i) {
      lines[m] += 2.0 / kPerTurn * static_cast<double>(turn[i]) *
                  std::polar(1.0, -2 * kPi * static_cast<double>(m) * i / kPerTurn);
    }
  }
  const auto kurtosis = [&](int sidebands) {
    double square = 0;
    double fourth = 0;
    for (int i = 0; i < 4096; ++i) {
      double value = 0;
      for (int m = 3; m < 127; ++m) {
        const int distance = std::min(m % kTeeth, kTeeth - m % kTeeth);
        if (distance <= sidebands && m >= kTeeth - sidebands) continue;
        value += std::real(lines[m] * std::polar(1.0, 2 * kPi * m * i / 4096));
      }
      square += value * value / 4096;
      fourth += value * value * value * value / 4096;
    }
    return fourth / (square * square);
  };
  EXPECT_NEAR(found.na4, kurtosis(0), 1e-3);
  EXPECT_NEAR(found.fm4, kurtosis(1), 1e-3);
}

TEST(GearCondition, IsRefusedWhereItCannotBeSeen) {
  const auto samples = Sum(Mesh(0.1), Noise(0.5, kCount, 3));
  EXPECT_TRUE(std::isnan(Of(samples, 5).fm0));          // too few teeth
  EXPECT_TRUE(std::isnan(Of(samples, kTeeth, 6).fm0));  // 7.7 turns
  EXPECT_TRUE(std::isnan(Of(samples, 517).fm0));        // mesh at 12.77 kHz
  EXPECT_TRUE(std::isnan(Of(samples, kTeeth, static_cast<double>(kNotKnown)).fm0));
  EXPECT_TRUE(std::isnan(Of(std::vector<float>(kCount, 1.0f)).fm0));
}

TEST(Na4WithHistory, IsItselfWhereTheVarianceIsThatOfThePast) {
  EXPECT_NEAR(Na4WithHistory(3.5f, 2.0f, 4.0f), 3.5, 1e-6);
  EXPECT_NEAR(Na4WithHistory(3.0f, 4.0f, 4.0f), 48, 1e-4);  // twice as high: 16 times
}

}  // namespace
}  // namespace auscult::features
