#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <span>

#include "models/simulate.h"
#include "tests/models/fourier.h"

namespace auscult::models {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kRateHz = 1000;
constexpr int kCount = 20000;

std::complex<double> Phasor(std::span<const float> x, double frequency_hz) {
  return FourierTerm(x, kRateHz, frequency_hz);
}

// The line near frequency_hz, searched as a supply is never quite at its nominal frequency.
double NearbyAmplitude(std::span<const float> x, double frequency_hz) {
  double best = 0;
  for (double d = -0.08; d <= 0.08; d += 0.01) {
    best = std::max(best, std::abs(Phasor(x, frequency_hz + d)));
  }
  return best;
}

double Db(double ratio) { return 20.0 * std::log10(ratio); }

double LowSidebandDb(const SimulatedMotor& motor, const SimulatedFault& fault) {
  const auto x = SimulateCurrent(motor, fault, 4, kRateHz, kCount, 1);
  const double slip = motor.slip * motor.load_percent / 100.0;
  return Db(NearbyAmplitude(x, (1 - 2 * slip) * 50) / NearbyAmplitude(x, 50));
}

TEST(SimulateCurrent, IsDeterministicAndHoldsEveryPhase) {
  const auto a = SimulateCurrent({}, {Fault::kStatorWinding, 0.5f}, 2, kRateHz, 3000, 3);
  ASSERT_EQ(a.size(), 9000u);
  EXPECT_EQ(a, SimulateCurrent({}, {Fault::kStatorWinding, 0.5f}, 2, kRateHz, 3000, 3));
  EXPECT_NE(a, SimulateCurrent({}, {Fault::kStatorWinding, 0.5f}, 3, kRateHz, 3000, 3));
}

TEST(SimulateCurrent, CarriesTheCurrentOfItsLoad) {
  SimulatedMotor motor;
  motor.load_percent = 100;
  const auto x = SimulateCurrent(motor, {}, 1, kRateHz, kCount, 1);
  // Full load draws the rated current: 0.35^2 + 0.94^2 = 1.006.
  EXPECT_NEAR(NearbyAmplitude(x, 50) / std::numbers::sqrt2, motor.rated_current_a, 0.4);
}

TEST(SimulateCurrent, OfAHealthyRotorHasItsNativeAsymmetry) {
  EXPECT_NEAR(LowSidebandDb({}, {}), -60, 4);
}

TEST(SimulateCurrent, OfABrokenBarRisesThroughTheGrades) {
  EXPECT_GT(LowSidebandDb({}, {Fault::kBrokenRotorBar, 0.5f}), -50);
  EXPECT_LT(LowSidebandDb({}, {Fault::kBrokenRotorBar, 0.5f}), -40);
  EXPECT_NEAR(LowSidebandDb({}, {Fault::kBrokenRotorBar, 1.0f}), -28, 2);
}

TEST(SimulateCurrent, OfAShortedTurnHasANegativeSequence) {
  const auto negative_percent = [](const SimulatedFault& fault) {
    const auto x = SimulateCurrent({}, fault, 1, kRateHz, kCount, 3);
    const std::span<const float> all(x);
    const std::complex<double> turn = std::polar(1.0, kTwoPi / 3.0);
    const auto a = Phasor(all.subspan(0, kCount), 50);
    const auto b = Phasor(all.subspan(kCount, kCount), 50);
    const auto c = Phasor(all.subspan(2 * kCount, kCount), 50);
    return 100.0 * std::abs(a + turn * turn * b + turn * c) /
           std::abs(a + turn * b + turn * turn * c);
  };
  EXPECT_LT(negative_percent({}), 1.0);
  EXPECT_NEAR(negative_percent({Fault::kStatorWinding, 1.0f}), 18.5, 2.0);
}

TEST(SimulateCurrent, OfAnEccentricRotorHasLinesAtTheShaftSpeed) {
  const SimulatedMotor motor;
  const double shaft_hz = 50 * (1 - motor.slip * motor.load_percent / 100.0) / 2;
  const auto db = [&](const SimulatedFault& fault) {
    const auto x = SimulateCurrent(motor, fault, 6, kRateHz, kCount, 1);
    return Db(NearbyAmplitude(x, 50 - shaft_hz) / NearbyAmplitude(x, 50));
  };
  EXPECT_LT(db({}), -58);
  EXPECT_NEAR(db({Fault::kEccentricity, 1.0f}), -28, 2);
}

}  // namespace
}  // namespace auscult::models
