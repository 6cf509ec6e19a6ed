#include "features/tachometer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace auscult::features {
namespace {

constexpr double kRateHz = 10000;
constexpr int kSamples = 20000;  // 2 s
constexpr double kDuty = 0.05;

double Steady(double t) { return 24.7 * t + 0.3; }
double RunUp(double t) { return 15 * t + 5 * t * t + 0.3; }  // 15 Hz to 35 Hz

// Pulses whenever the angle passes a whole number, `per_turn` to a turn. `alter` may remove (0) or
// split (2) the pulse of that number.
std::vector<float> Pulses(const std::function<double(double)>& turns, int per_turn = 1,
                          double noise = 0, const std::function<int(int)>& alter = {}) {
  std::mt19937 generator(7);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> samples(kSamples);
  for (int i = 0; i < kSamples; ++i) {
    const double angle = turns(i / kRateHz) * per_turn;
    const double since = angle - std::floor(angle);
    const int kind = alter ? alter(static_cast<int>(std::floor(angle))) : 1;
    bool high = since < kDuty && kind != 0;
    if (kind == 2 && since > 0.1 && since < 0.12) high = true;
    samples[i] = (high ? 5.0f : 0.0f) + static_cast<float>(noise) * normal(generator);
  }
  return samples;
}

// The largest error of the angle, in turns, and of the speed, as a share, inside the record.
void ExpectFollows(const ShaftAngle& angle, const std::function<double(double)>& turns,
                   double most_turns, double most_speed, int per_turn = 1) {
  ASSERT_FALSE(angle.empty());
  ShaftAngle::Piece piece = 0;
  const double offset = std::round((angle.At(1, piece).turns - turns(1)) * per_turn) / per_turn;
  for (double t = 0.1; t < 1.9; t += 0.01) {
    const ShaftAngle::State state = angle.At(t, piece);
    ASSERT_NEAR(state.turns - offset, turns(t), most_turns) << t;
    const double speed_hz = (turns(t + 1e-4) - turns(t - 1e-4)) / 2e-4;
    ASSERT_NEAR(state.speed_hz, speed_hz, most_speed * speed_hz) << t;
  }
}

TEST(Tachometer, FollowsASteadyShaftAndARunUp) {
  for (const auto& turns : {std::function(Steady), std::function(RunUp)}) {
    for (const int per_turn : {1, 4}) {
      Tachometer tachometer;
      ShaftAngle angle;
      ASSERT_TRUE(tachometer.Read(Pulses(turns, per_turn), kRateHz, per_turn, angle));
      ExpectFollows(angle, turns, 0.003, 0.01, per_turn);
    }
  }
}

TEST(Tachometer, TakesTheBeginningOfAPulseWhateverItsShape) {
  const std::vector<float> pulses = Pulses(Steady);
  for (const float scale : {1.0f, -1.0f, 1e-6f, 1e9f}) {
    SCOPED_TRACE(scale);
    std::vector<float> samples = pulses;
    for (float& sample : samples) sample = sample * scale + 3 * scale;
    Tachometer tachometer;
    ShaftAngle angle;
    ASSERT_TRUE(tachometer.Read(samples, kRateHz, 1, angle));
    ExpectFollows(angle, Steady, 0.003, 0.005);
  }
  // A magnetic pickup: the swing passes half of its height a twelfth of a turn after zero.
  std::vector<float> sine(kSamples);
  for (int i = 0; i < kSamples; ++i) {
    sine[i] = static_cast<float>(std::sin(2 * M_PI * Steady(i / kRateHz)));
  }
  Tachometer tachometer;
  ShaftAngle angle;
  ASSERT_TRUE(tachometer.Read(sine, kRateHz, 1, angle));
  ExpectFollows(angle, Steady, 1e-3, 1e-4);
}

TEST(Tachometer, FillsInMissingPulsesAndLeavesOutExtraOnes) {
  const auto alter = [](int number) { return number % 17 == 5 ? 0 : number % 13 == 3 ? 2 : 1; };
  Tachometer tachometer;
  ShaftAngle angle;
  ASSERT_TRUE(tachometer.Read(Pulses(Steady, 1, 0, alter), kRateHz, 1, angle));
  ExpectFollows(angle, Steady, 0.003, 0.01);
  ASSERT_TRUE(tachometer.Read(Pulses(RunUp, 1, 0, alter), kRateHz, 1, angle));
  ExpectFollows(angle, RunUp, 0.02, 0.05);
}

TEST(Tachometer, StandsNoiseAndASpike) {
  std::vector<float> samples = Pulses(Steady, 1, 0.3);
  samples[5000] = 80;
  Tachometer tachometer;
  ShaftAngle angle;
  ASSERT_TRUE(tachometer.Read(samples, kRateHz, 1, angle));
  ExpectFollows(angle, Steady, 0.003, 0.01);
}

TEST(Tachometer, RefusesWhatTellsNoSpeed) {
  std::mt19937 generator(3);
  std::normal_distribution<float> normal(0, 1);
  std::vector<float> noise(kSamples);
  for (float& sample : noise) sample = normal(generator);
  const auto lost = [](int number) { return number >= 20 && number < 26 ? 0 : 1; };
  const auto torn = [](int number) { return number * 7919 % 10 < 4 ? 0 : 1; };
  const std::vector<float> cases[] = {std::vector<float>(kSamples, 5.0f), noise,
                                      Pulses([](double t) { return 2 * t + 0.5; }),
                                      Pulses(Steady, 1, 0, lost), Pulses(Steady, 1, 0, torn)};
  for (size_t i = 0; i < std::size(cases); ++i) {
    SCOPED_TRACE(i);
    Tachometer tachometer;
    ShaftAngle angle;
    EXPECT_FALSE(tachometer.Read(cases[i], kRateHz, 1, angle));
    EXPECT_TRUE(angle.empty());
  }
}

}  // namespace
}  // namespace auscult::features
