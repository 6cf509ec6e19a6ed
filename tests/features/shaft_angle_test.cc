#include "features/shaft_angle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace auscult::features {
namespace {

TEST(ShaftAngle, RunsUpExactlyBetweenSpeeds) {
  ShaftAngle angle;
  angle.AddAtSpeed(1, 20);
  angle.AddAtSpeed(3, 24);
  ShaftAngle::Piece piece = 0;
  for (const double t : {1.0, 1.5, 2.9, 2.0}) {
    const ShaftAngle::State state = angle.At(t, piece);
    EXPECT_NEAR(state.turns, 20 * (t - 1) + (t - 1) * (t - 1), 1e-12) << t;
    EXPECT_NEAR(state.speed_hz, 20 + 2 * (t - 1), 1e-12) << t;
  }
  // Outside of what is known the speed stays.
  EXPECT_NEAR(angle.At(0, piece).turns, -20, 1e-12);
  EXPECT_NEAR(angle.At(4, piece).turns, 44 + 24, 1e-12);
  EXPECT_EQ(angle.At(9, piece).speed_hz, 24);
}

TEST(ShaftAngle, GivesTheSpeedBetweenPulsesOfASwingingShaft) {
  // 25 Hz that swings by 2 % once in 2 s, seen at whole turns only.
  const auto turns = [](double t) {
    return 25 * t + 0.5 / std::numbers::pi * (1 - std::cos(std::numbers::pi * t));
  };
  ShaftAngle angle;
  double t = 0;
  for (int i = 0; i < 100; ++i) {
    for (int k = 0; k < 20; ++k) {
      t -= (turns(t) - i) / (25 + 0.5 * std::sin(std::numbers::pi * t));
    }
    angle.Add({t, static_cast<double>(i), 0});
  }
  angle.SmoothSpeeds();
  ShaftAngle::Piece piece = 0;
  for (double at = 0.2; at < 3.7; at += 0.013) {
    const ShaftAngle::State state = angle.At(at, piece);
    EXPECT_NEAR(state.turns, turns(at), 1e-6) << at;
    EXPECT_NEAR(state.speed_hz, 25 + 0.5 * std::sin(std::numbers::pi * at), 1e-3) << at;
  }
  EXPECT_NEAR(angle.VariationPercent(3.9), 4, 0.15);
}

TEST(ShaftAngle, KnowsNoVariationOfAFewTurns) {
  ShaftAngle angle;
  angle.AddAtSpeed(0, 20);
  EXPECT_TRUE(std::isnan(angle.VariationPercent(0.19)));
  EXPECT_NEAR(angle.VariationPercent(0.2), 0, 1e-6);
}

}  // namespace
}  // namespace auscult::features
