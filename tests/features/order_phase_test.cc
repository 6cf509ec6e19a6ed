#include "features/order_phase.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "features/record_transform.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

constexpr double kRateHz = 5000;
constexpr int kCount = 20000;
constexpr double kShaftHz = 24.713;

// Difference of two angles, in degrees, -180..180.
double Apart(double a, double b) { return std::remainder(a - b, 360.0); }

float PhaseOf(const std::vector<float>& samples, int order, double start_turns,
              double shaft_hz = kShaftHz) {
  RecordTransform transform(kCount, kRateHz);
  const ChannelRecord record = transform.Analyse(samples);
  return OrderPhaseDeg(record.bins, record.transform_length, kRateHz, shaft_hz, order, start_turns);
}

TEST(OrderPhaseDeg, IsTheLagOfThePeakBehindThePulse) {
  // A pulse a third of a turn before the record begins; peaks of 1 x come `lag` after each pulse.
  constexpr double kStart = 1.0 / 3;
  for (int order = 1; order <= 2; ++order) {
    for (double lag = 0; lag < 360; lag += 15) {
      std::vector<float> samples(kCount);
      for (int i = 0; i < kCount; ++i) {
        const double angle = 2 * std::numbers::pi * (kStart + kShaftHz * i / kRateHz);
        samples[i] = static_cast<float>(3 * std::cos(order * angle - lag * std::numbers::pi / 180) +
                                        2 * std::sin((3 - order) * angle));
      }
      const float phase = PhaseOf(samples, order, kStart);
      EXPECT_GE(phase, 0);
      EXPECT_LT(phase, 360);
      EXPECT_NEAR(Apart(phase, lag), 0, 0.2) << order << " x";
    }
  }
}

TEST(OrderPhaseDeg, IsNotKnownWithoutPulseSpeedOrLine) {
  const std::vector<float> line = testing::Sine(1, kShaftHz, kRateHz, kCount);
  EXPECT_NEAR(PhaseOf(line, 1, 0), 90, 0.1);
  EXPECT_TRUE(std::isnan(PhaseOf(line, 1, std::nan(""))));
  EXPECT_TRUE(std::isnan(PhaseOf(line, 1, 0, std::nan(""))));
  EXPECT_TRUE(std::isnan(PhaseOf(line, 1, 0, 0.5)));   // half a bin a turn
  EXPECT_TRUE(std::isnan(PhaseOf(line, 1, 0, 2499)));  // beside Nyquist
  // In noise phases are random and must mostly not be given.
  int given = 0;
  for (uint32_t seed = 0; seed < 100; ++seed) {
    given += std::isnan(PhaseOf(testing::Noise(1, kCount, seed), 1, 0)) ? 0 : 1;
  }
  EXPECT_LT(given, 5);
}

}  // namespace
}  // namespace auscult::features
