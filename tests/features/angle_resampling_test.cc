#include "features/angle_resampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace auscult::features {
namespace {

constexpr double kRateHz = 5000;

TEST(ResampleToUniformAngle, MakesASweptSineASteadyOne) {
  // 20 Hz to 24 Hz over 4 s; the 7th order is swept with it.
  constexpr int kSamples = 20000;
  ShaftAngle angle;
  angle.AddAtSpeed(0, 20);
  angle.AddAtSpeed(4, 24);
  std::vector<float> swept(kSamples);
  for (int i = 0; i < kSamples; ++i) {
    const double t = i / kRateHz;
    swept[i] = static_cast<float>(std::sin(2 * std::numbers::pi * 7 * (20 * t + 0.5 * t * t)));
  }
  FftVector<float> steady;
  const double speed_hz = ResampleToUniformAngle(swept, kRateHz, angle, steady).speed_hz;
  EXPECT_NEAR(speed_hz, 22.0, 0.01);
  ASSERT_EQ(steady.size(), swept.size());
  for (int i = 10; i < kSamples - 10; ++i) {
    const double expected = std::sin(2 * std::numbers::pi * 7 * speed_hz * i / kRateHz);
    ASSERT_NEAR(steady[i], expected, 0.01) << i;
  }
}

TEST(ResampleToUniformAngle, LeavesASteadyRecordAsItIs) {
  std::vector<float> record(1000);
  for (int i = 0; i < 1000; ++i) record[i] = static_cast<float>(i % 17);
  FftVector<float> same;
  ShaftAngle angle;
  angle.AddAtSpeed(0.1, 25);
  const UniformAngle uniform = ResampleToUniformAngle(record, kRateHz, angle, same);
  EXPECT_NEAR(uniform.speed_hz, 25.0, 1e-6);
  EXPECT_NEAR(uniform.start_turns, -2.5, 1e-9);
  for (int i = 0; i < 1000; ++i) EXPECT_NEAR(same[i], record[i], 1e-2f) << i;
}

}  // namespace
}  // namespace auscult::features
