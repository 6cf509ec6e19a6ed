#include "models/simulate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include "tests/models/fourier.h"

namespace auscult::models {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kRateHz = 12800;
constexpr int kCount = 16384;

// SKF 6205-2RS (CWRU drive end).
constexpr features::BearingOrders kOrders = {
    .bpfo = 3.5848f, .bpfi = 5.4152f, .bsf = 2.3567f, .ftf = 0.39828f};

SimulatedMachine Motor() {
  SimulatedMachine machine;
  machine.machine.rated_speed_rpm = 1500;
  machine.machine.line_frequency_hz = 50;
  machine.machine.pole_pairs = 2;
  machine.machine.bearings = {{"drive end", "6205", kOrders}};
  machine.speed_rpm = 1470;
  return machine;
}

double LineAmplitude(std::span<const float> x, double rate_hz, double frequency_hz) {
  return std::abs(FourierTerm(x, rate_hz, frequency_hz));
}

std::vector<float> SquaredEnvelope(std::vector<float> x) {
  double mean = 0;
  for (float& v : x) mean += (v *= v);
  mean /= static_cast<double>(x.size());
  for (float& v : x) v = static_cast<float>(v / mean - 1.0);
  return x;
}

// Height of the line near `order` in the squared envelope over what stands beside it.
double EnvelopeLine(const SimulatedMachine& machine, const std::vector<float>& x, double order) {
  const std::vector<float> envelope = SquaredEnvelope(x);
  const double shaft_hz = machine.speed_rpm / 60.0;
  double line = 0;
  for (double slip = -0.012; slip <= 0.012; slip += 0.002) {
    line = std::max(line, LineAmplitude(envelope, kRateHz, order * shaft_hz * (1 + slip)));
  }
  // Beyond the main lobe of the line, short of its sidebands.
  const double bin_hz = kRateHz / static_cast<double>(x.size());
  std::vector<double> floor;
  for (double away_hz = 3 * bin_hz; away_hz <= 10 * bin_hz; away_hz += bin_hz) {
    floor.push_back(LineAmplitude(envelope, kRateHz, order * shaft_hz + away_hz));
    floor.push_back(LineAmplitude(envelope, kRateHz, order * shaft_hz - away_hz));
  }
  std::nth_element(floor.begin(), floor.begin() + floor.size() / 2, floor.end());
  return line / floor[floor.size() / 2];
}

double Rms(std::span<const float> x) {
  double sum = 0;
  for (float v : x) sum += static_cast<double>(v) * v;
  return std::sqrt(sum / static_cast<double>(x.size()));
}

TEST(SimulateVibration, GivesTheSameSamplesForTheSameArguments) {
  const SimulatedFault fault = {Fault::kInnerRace, 0.7f};
  const auto a = SimulateVibration(Motor(), fault, 3, kRateHz, 4096);
  EXPECT_EQ(a, SimulateVibration(Motor(), fault, 3, kRateHz, 4096));
  EXPECT_NE(a, SimulateVibration(Motor(), fault, 4, kRateHz, 4096));
  SimulatedMachine other = Motor();
  other.seed = 2;
  EXPECT_NE(a, SimulateVibration(other, fault, 3, kRateHz, 4096));
}

TEST(SimulateVibration, GivesThePinnedSamples) {
  const auto x = SimulateVibration(Motor(), {Fault::kOuterRace, 0.8f}, 17, kRateHz, 4096);
  struct Pin {
    int index;
    float value;
  };
  for (const Pin& pin : {Pin{0, 0.118878f}, Pin{1000, -0.398265f}, Pin{4095, 5.5225272f}}) {
    EXPECT_NEAR(x[pin.index], pin.value, 1e-6) << "sample " << pin.index;
  }
}

TEST(SimulateVibration, HasTheShaftVelocityItWasAskedFor) {
  SimulatedMachine machine = Motor();
  machine.speed_rpm = 1500;
  const auto x = SimulateVibration(machine, {}, 1, kRateHz, kCount);
  const double peak = LineAmplitude(x, kRateHz, 25.0);
  const double velocity_mm_s = 1e3 * peak / std::numbers::sqrt2 / (kTwoPi * 25.0);
  EXPECT_NEAR(velocity_mm_s, machine.shaft_velocity_mm_s, 0.15);  // it wanders by 1 dB
}

TEST(SimulateVibration, PutsTheLinesOfABearingFaultIntoTheEnvelope) {
  struct Case {
    Fault fault;
    double order;
  };
  for (const Case& c :
       {Case{Fault::kOuterRace, kOrders.bpfo}, Case{Fault::kInnerRace, kOrders.bpfi},
        Case{Fault::kBall, 2 * kOrders.bsf}, Case{Fault::kCage, kOrders.ftf}}) {
    SCOPED_TRACE(std::string(FaultName(c.fault)));
    const auto x = SimulateVibration(Motor(), {c.fault, 0.8f}, 5, kRateHz, kCount);
    EXPECT_GT(EnvelopeLine(Motor(), x, c.order), 6.0);
    const auto healthy = SimulateVibration(Motor(), {}, 5, kRateHz, kCount);
    EXPECT_LT(EnvelopeLine(Motor(), healthy, c.order), 6.0);
  }
}

TEST(SimulateVibration, ModulatesAnInnerRaceByTheShaftAndABallByTheCage) {
  const auto inner = SimulateVibration(Motor(), {Fault::kInnerRace, 0.8f}, 5, kRateHz, kCount);
  EXPECT_GT(EnvelopeLine(Motor(), inner, 1.0), 6.0);
  EXPECT_GT(EnvelopeLine(Motor(), inner, kOrders.bpfi - 1.0), 4.0);
  const auto outer = SimulateVibration(Motor(), {Fault::kOuterRace, 0.8f}, 5, kRateHz, kCount);
  EXPECT_LT(EnvelopeLine(Motor(), outer, kOrders.bpfo - 1.0), 4.0);
  const auto ball = SimulateVibration(Motor(), {Fault::kBall, 0.8f}, 5, kRateHz, kCount);
  EXPECT_GT(EnvelopeLine(Motor(), ball, kOrders.ftf), 4.0);
}

TEST(SimulateVibration, GrowsLouderWithTheSeverityOfEveryFault) {
  for (const Fault fault :
       {Fault::kInnerRace, Fault::kOuterRace, Fault::kBall, Fault::kCage, Fault::kUnbalance,
        Fault::kMisalignment, Fault::kLooseness, Fault::kGear, Fault::kElectrical, Fault::kOther}) {
    SCOPED_TRACE(std::string(FaultName(fault)));
    SimulatedMachine machine = Motor();
    machine.machine.gears = {{"pinion", 23, 1.0f}};
    double last = Rms(SimulateVibration(machine, {}, 9, kRateHz, kCount));
    for (const float severity : {0.4f, 0.6f, 0.8f, 1.0f}) {
      const double rms = Rms(SimulateVibration(machine, {fault, severity}, 9, kRateHz, kCount));
      EXPECT_GT(rms, last) << "at severity " << severity;
      last = rms;
    }
  }
}

TEST(SimulateVibration, LetsNoLineAboveNyquistFoldBack) {
  SimulatedMachine machine = Motor();
  machine.speed_rpm = 1500;
  machine.machine.gears = {{"wheel", 70, 1.0f}};  // mesh at 1750 Hz
  const double rate_hz = 2560;
  const auto x = SimulateVibration(machine, {}, 1, rate_hz, 8192);
  machine.machine.gears.clear();
  const auto without = SimulateVibration(machine, {}, 1, rate_hz, 8192);
  EXPECT_EQ(x, without);
}

TEST(SimulateVibration, IsLouderAtHigherSpeedAndLoad) {
  SimulatedMachine machine = Motor();
  const double nominal = Rms(SimulateVibration(machine, {}, 2, kRateHz, kCount));
  machine.speed_rpm = 2000;
  EXPECT_GT(Rms(SimulateVibration(machine, {}, 2, kRateHz, kCount)), 1.2 * nominal);
  machine.speed_rpm = 1470;
  machine.load_percent = 20;
  EXPECT_LT(Rms(SimulateVibration(machine, {}, 2, kRateHz, kCount)), 0.9 * nominal);
}

}  // namespace
}  // namespace auscult::models
