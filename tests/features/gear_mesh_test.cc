#include "features/gear_mesh.h"

#include <gtest/gtest.h>

#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;

constexpr double kRate = 12800;
constexpr int kCount = 16384;  // 0.78 Hz resolution
constexpr double kShaftHz = 24.7;

class GearMeshTest : public ::testing::Test {
 protected:
  const PowerSpectrum& Of(const std::vector<float>& samples) {
    record_ = transform_.Analyse(samples);
    return record_.spectrum;
  }
  RecordTransform transform_{kCount, kRate};
  ChannelRecord record_;
};

TEST_F(GearMeshTest, LinesAreMeshAndSidebands) {
  // (1 + m cos) sin: two sidebands of m/2 each, so RMS ratio m / sqrt 2.
  const double mesh_hz = 27 * kShaftHz;
  const double modulation = 0.4;
  std::vector<float> samples(kCount);
  for (int i = 0; i < kCount; ++i) {
    const double t = i / kRate;
    samples[i] = static_cast<float>(3 * (1 + modulation * std::cos(2 * kPi * kShaftHz * t)) *
                                    std::sin(2 * kPi * mesh_hz * t));
  }
  Machine machine;
  machine.gears = {{"pinion", 27, 1.0f}};
  const GearLines lines = GearLinesOf(Of(samples), Quantity::kAcceleration, machine, kShaftHz);
  EXPECT_NEAR(lines.mesh_m_s2, 3 / std::sqrt(2.0), 0.02);
  EXPECT_NEAR(lines.sideband_ratio, modulation / std::sqrt(2.0), 0.01);
}

TEST_F(GearMeshTest, OfTwoGearsTheLargerSidebandsCount) {
  // The mesh of 20:60 teeth, modulated once a turn of the wheel, that is at a third of the speed.
  const double mesh_hz = 20 * kShaftHz;
  std::vector<float> samples(kCount);
  for (int i = 0; i < kCount; ++i) {
    const double t = i / kRate;
    samples[i] = static_cast<float>((1 + 0.6 * std::cos(2 * kPi * kShaftHz / 3 * t)) *
                                    std::sin(2 * kPi * mesh_hz * t));
  }
  Machine machine;
  machine.gears = {{"pinion", 20, 1.0f}, {"wheel", 60, 1.0f / 3}};
  const auto& spectrum = Of(samples);
  EXPECT_NEAR(GearLinesOf(spectrum, Quantity::kAcceleration, machine, kShaftHz).sideband_ratio,
              0.6 / std::sqrt(2.0), 0.01);
  EXPECT_TRUE(
      std::isnan(GearLinesOf(spectrum, Quantity::kAcceleration, Machine(), kShaftHz).mesh_m_s2));
}

TEST_F(GearMeshTest, FixesTheSpeedOfTheShaftByItsStrongestHarmonic) {
  const auto& spectrum = Of(testing::Sum(testing::Sine(1, 27 * kShaftHz, kRate, kCount),
                                         testing::Sine(3, 81 * kShaftHz, kRate, kCount)));
  const Gear pinion{"pinion", 27, 1.0f};
  EXPECT_NEAR(GearShaftHz(spectrum, Quantity::kAcceleration, pinion, 1.004 * kShaftHz), kShaftHz,
              1e-4);
  EXPECT_TRUE(std::isnan(
      GearShaftHz(spectrum, Quantity::kAcceleration, pinion, static_cast<double>(kNotKnown))));
  EXPECT_TRUE(std::isnan(GearShaftHz(spectrum, Quantity::kAcceleration, pinion, 1)));
}

}  // namespace
}  // namespace auscult::features
