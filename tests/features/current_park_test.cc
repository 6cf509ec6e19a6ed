#include "features/current_park.h"

#include <gtest/gtest.h>

#include "features/extract.h"
#include "tests/features/motor.h"

namespace auscult::features {
namespace {

using testing::kPi;
using testing::MadeMotor;
using testing::Noise;
using testing::Record;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 5000;
constexpr int kCount = 50000;

FeatureVector Analysed(std::vector<float> samples, float speed_rpm = kNotKnown,
                       const Machine& machine = {}) {
  Extractor extractor;
  FeatureVector out;
  EXPECT_TRUE(extractor
                  .Extract(Record(std::move(samples), kRate, Quantity::kCurrent, speed_rpm, 3),
                           machine, out)
                  .ok());
  return out;
}

// Three currents of which the negative sequence is `negative` of the positive one.
std::vector<float> Unbalanced(double negative, double supply_hz, bool swapped = false) {
  std::vector<float> samples;
  for (const int phase : {0, swapped ? 2 : 1, swapped ? 1 : 2}) {
    const double turn = 2 * kPi * phase / 3;
    auto one = Sine(10, supply_hz, kRate, kCount, -turn);
    one = Sum(one, Sine(10 * negative, supply_hz, kRate, kCount, turn + 0.7));
    one = Sum(one, Noise(1e-3, kCount, 5));
    for (float& sample : one) sample += 2.5f;  // the offset of a converter
    samples.insert(samples.end(), one.begin(), one.end());
  }
  return samples;
}

TEST(ParkModulus, HasTheNegativeSequenceAtTwiceTheSupply) {
  for (const double supply_hz : {50.0, 49.93, 60.04}) {
    for (const bool swapped : {false, true}) {
      for (const double negative : {0.005, 0.05, 0.2}) {
        SCOPED_TRACE(std::to_string(supply_hz) + " Hz, " + std::to_string(negative));
        const FeatureVector out = Analysed(Unbalanced(negative, supply_hz, swapped));
        EXPECT_NEAR(out.Value(0, "negative_sequence_percent"), 100 * negative, 0.02);
        EXPECT_NEAR(out.Value(1, "positive_sequence_rms"), 10 / std::sqrt(2.0), 2e-3);
        EXPECT_LT(out.Value(2, "zero_sequence_percent"), 0.02);
        // sqrt(1 + n^2 + 2 n cos(2 w t + p)): the line at 2f is n (1 - n^2/8...), the mean
        // 1 + n^2/4 of the positive sequence.
        EXPECT_NEAR(out.Value(2, "park_2f_percent"), 100 * negative,
                    0.05 + 100 * std::pow(negative, 3));
      }
    }
  }
}

TEST(ParkModulus, ShowsBrokenBarsAndEccentricityWithoutTheSupply) {
  MadeMotor motor;
  motor.seconds = 10;
  motor.lines = {{1 - 2 * motor.slip, 46}, {1 - motor.ShaftOrder(), 52}};
  const FeatureVector out = Analysed(motor.ThreePhases(), motor.SpeedRpm(), motor.Nameplate());
  // One sideband of share a modulates the modulus by a.
  EXPECT_NEAR(out.Value(0, "park_2sf_percent"), 100 * std::pow(10, -46 / 20.0), 0.02);
  EXPECT_NEAR(out.Value(0, "park_shaft_percent"), 100 * std::pow(10, -52 / 20.0), 0.02);
  EXPECT_NEAR(out.Value(2, "sideband_low_db"), 46, 0.1);
}

TEST(ParkModulus, OfTwoPhasesOrOfSilenceIsNotKnown) {
  Extractor extractor;
  FeatureVector out;
  std::vector<float> two = Sine(1, 50, kRate, kCount);
  const std::vector<float> other = Sine(1, 50, kRate, kCount, 2);
  two.insert(two.end(), other.begin(), other.end());
  ASSERT_TRUE(
      extractor.Extract(Record(two, kRate, Quantity::kCurrent, kNotKnown, 2), {}, out).ok());
  for (const char* name : {"park_2f_percent", "park_2sf_percent", "positive_sequence_rms"}) {
    EXPECT_TRUE(std::isnan(out.Value(0, name))) << name;
  }
  out = Analysed(std::vector<float>(3 * kCount, 1.0f));
  EXPECT_TRUE(std::isnan(out.Value(0, "park_2f_percent")));
}

TEST(ParkModulus, OfOnePhaseAloneIsThatOfASinglePhaseSupply) {
  std::vector<float> samples = Sine(10, 50, kRate, kCount);
  samples.resize(3 * kCount, 0.0f);
  const FeatureVector out = Analysed(samples);
  EXPECT_NEAR(out.Value(0, "negative_sequence_percent"), 100, 0.1);
  EXPECT_NEAR(out.Value(0, "unbalance_percent"), 200, 0.1);
  // |sin|: mean 2/pi, the line at 2f 4/(3 pi).
  EXPECT_NEAR(out.Value(0, "park_2f_percent"), 100 * 2 / 3.0, 0.5);
}

}  // namespace
}  // namespace auscult::features
