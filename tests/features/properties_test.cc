// What must hold of every vibration feature, whatever it is: by unit and name, so that a new one is
// held to it too.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "features/bearing_catalogue.h"
#include "features/extract.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using testing::kPi;
using testing::Noise;
using testing::Record;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 25600;
constexpr int kPerTurn = 512;  // samples
constexpr double kShaftHz = kRate / kPerTurn;
constexpr float kSpeedRpm = 60 * kShaftHz;
constexpr int kTurns = 64;

// Whose every feature can be measured.
Machine Complete() {
  Machine machine;
  machine.rated_speed_rpm = 3000;
  machine.line_frequency_hz = 50;
  machine.blades = 5;
  machine.belt_order = 0.3f;
  machine.gears = {{"pinion", 23, 1.0f}, {"wheel", 46, 0.5f}};
  machine.bearings = {{"drive end", "", OrdersOf(FindBearing("skf-6205-2rs-jem")->geometry)}};
  return machine;
}

Machine WithoutBearings() {
  Machine machine = Complete();
  machine.bearings.clear();
  return machine;
}

std::vector<float> Machinery(int count, uint32_t seed) {
  std::vector<float> samples = Noise(0.3, count, seed);
  for (const double order : {0.3, 0.5, 1.0, 2.0, 5.0, 23.0, 46.0}) {
    samples = Sum(samples, Sine(1 / order, order * kShaftHz, kRate, count, order));
  }
  return Sum(samples, testing::Impacts(2, 3.5848 * kShaftHz, 6000, kRate, count));
}

// The same turn of the shaft again and again.
std::vector<float> Repeated(int turns) {
  std::vector<float> turn = Noise(0.3, kPerTurn, 4);
  for (const int order : {1, 2, 23, 46, 140}) {
    turn = Sum(turn, Sine(1.0 / order, order * kShaftHz, kRate, kPerTurn, order));
  }
  std::vector<float> samples;
  for (int i = 0; i < turns; ++i) samples.insert(samples.end(), turn.begin(), turn.end());
  return samples;
}

FeatureVector Extracted(std::vector<float> samples, const Machine& machine,
                        Quantity quantity = Quantity::kAcceleration, int channels = 1,
                        double rate_hz = kRate, float speed_rpm = kSpeedRpm) {
  Extractor extractor;
  FeatureVector out;
  const absl::Status status = extractor.Extract(
      Record(std::move(samples), rate_hz, quantity, speed_rpm, channels), machine, out);
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

std::span<const FeatureDefinition> Features() {
  return NewestFeatureSet(Signal::kVibration).features;
}

// Equal within `share` of a feature's own size, or that many times 10 in dB; NaN equals NaN.
void ExpectSame(const FeatureVector& actual, const FeatureVector& expected, double share) {
  ASSERT_EQ(actual.values.size(), expected.values.size());
  for (size_t i = 0; i < Features().size(); ++i) {
    SCOPED_TRACE(Features()[i].name);
    const double value = expected.values[i];
    ASSERT_EQ(std::isnan(actual.values[i]), std::isnan(value)) << actual.values[i] << " " << value;
    if (std::isnan(value)) continue;
    const double size = Features()[i].unit == "dB" ? 10 : std::abs(value);
    EXPECT_NEAR(actual.values[i], value, share * size + 1e-6 * std::abs(value) + 1e-9);
  }
}

bool IsAmplitude(std::string_view unit) {
  return unit == "SI" || unit == "mm/s" || unit == "m/s2" || unit == "um";
}

bool IsLevel(const FeatureDefinition& feature) {
  return feature.unit == "dB" && !feature.name.starts_with("impulsiveness");
}

std::vector<float> Scaled(std::vector<float> samples, float factor) {
  for (float& x : samples) x *= factor;
  return samples;
}

TEST(EveryVibrationFeature, OfShaftAndGearsIsMeasuredOnACompleteMachine) {
  const FeatureVector out = Extracted(Machinery(kTurns * kPerTurn, 1), Complete());
  for (const char* name : {"order_0_5x_mm_s",
                           "order_1_5x_mm_s",
                           "order_2_5x_mm_s",
                           "order_3_5x_mm_s",
                           "order_5x_mm_s",
                           "belt_mm_s",
                           "blade_pass_mm_s",
                           "line_2x_mm_s",
                           "acceleration_rms_m_s2",
                           "velocity_rms_mm_s",
                           "displacement_rms_um",
                           "high_frequency_rms",
                           "high_frequency_peak",
                           "gear_mesh_m_s2",
                           "gear_sideband_ratio",
                           "gear_index",
                           "gear_fm0",
                           "gear_fm4",
                           "gear_na4",
                           "gear_residual_rms",
                           "gear_sideband_energy_ratio"}) {
    EXPECT_TRUE(std::isfinite(out.Value(0, name))) << name;
  }
}

TEST(EveryVibrationFeature, ScalesWithTheSignal) {
  for (const Quantity quantity :
       {Quantity::kAcceleration, Quantity::kVelocity, Quantity::kDisplacement}) {
    const std::vector<float> samples = Machinery(kTurns * kPerTurn, 2);
    const FeatureVector before = Extracted(samples, Complete(), quantity);
    // Powers of two leave every digit as it was.
    for (const float factor : {4.0f, 0x1p-20f}) {
      SCOPED_TRACE(factor);
      FeatureVector expected = before;
      for (size_t i = 0; i < Features().size(); ++i) {
        if (IsAmplitude(Features()[i].unit)) expected.values[i] *= factor;
        if (IsLevel(Features()[i])) expected.values[i] += 20 * std::log10(factor);
      }
      ExpectSame(Extracted(Scaled(samples, factor), Complete(), quantity), expected, 1e-6);
    }
  }
}

TEST(EveryVibrationFeature, KeepsItsSizeWhenTheSensorIsTurnedRound) {
  const std::vector<float> samples = Machinery(kTurns * kPerTurn, 3);
  FeatureVector expected = Extracted(samples, Complete());
  expected.values[FeatureIndex(*FindFeatureSet(expected.set_id), "mean")] *= -1;
  expected.values[FeatureIndex(*FindFeatureSet(expected.set_id), "skewness")] *= -1;
  ExpectSame(Extracted(Scaled(samples, -1), Complete()), expected, 1e-6);
}

TEST(EveryVibrationFeature, DoesNotDependOnWhereTheRecordBegins) {
  std::vector<float> samples = Repeated(kTurns);
  const FeatureVector before = Extracted(samples, WithoutBearings());
  for (const int shift : {1, 100, 333}) {
    SCOPED_TRACE(shift);
    std::rotate(samples.begin(), samples.begin() + shift, samples.end());
    ExpectSame(Extracted(samples, WithoutBearings()), before, 1e-2);
  }
}

TEST(EveryVibrationFeature, DoesNotDependOnHowLongAStationaryRecordIs) {
  ExpectSame(Extracted(Repeated(2 * kTurns), WithoutBearings()),
             Extracted(Repeated(kTurns), WithoutBearings()), 1e-2);
}

TEST(EveryVibrationFeature, FollowsItsChannel) {
  const std::vector<float> first = Machinery(kTurns * kPerTurn, 5);
  const std::vector<float> second = Noise(1, kTurns * kPerTurn, 6);
  const auto joined = [](std::vector<float> a, const std::vector<float>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  };
  const FeatureVector here =
      Extracted(joined(first, second), WithoutBearings(), Quantity::kAcceleration, 2);
  FeatureVector there =
      Extracted(joined(second, first), WithoutBearings(), Quantity::kAcceleration, 2);
  std::rotate(there.values.begin(), there.values.begin() + Features().size(), there.values.end());
  for (size_t i = 0; i < here.values.size(); ++i) {
    SCOPED_TRACE(Features()[i % Features().size()].name);
    EXPECT_EQ(std::memcmp(&here.values[i], &there.values[i], sizeof(float)), 0)
        << here.values[i] << " " << there.values[i];
  }
}

std::vector<float> Impulse(int count) {
  std::vector<float> samples(static_cast<size_t>(count));
  samples[count / 3] = 1;
  return samples;
}

std::vector<float> Ramp(int count) {
  std::vector<float> samples(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) samples[i] = static_cast<float>(i);
  return samples;
}

void ExpectNothingInfinite(const FeatureVector& out) {
  for (size_t i = 0; i < out.values.size(); ++i) {
    EXPECT_FALSE(std::isinf(out.values[i])) << Features()[i].name;
  }
}

TEST(EveryVibrationFeature, IsFiniteOrNotKnownAtAnyLengthAndRate) {
  for (const int count : {256, 257, 1021, 2048, 10007, 65537}) {
    for (const double rate_hz : {1.0, 10.0, 977.0, 12000.0, 48000.0, 1e6}) {
      SCOPED_TRACE(std::to_string(count) + " samples at " + std::to_string(rate_hz));
      for (const auto& samples : {Noise(1, count, 1), Impulse(count), Ramp(count),
                                  Sine(1e12, rate_hz / 7.3, rate_hz, count)}) {
        ExpectNothingInfinite(Extracted(samples, Complete(), Quantity::kAcceleration, 1, rate_hz));
      }
    }
  }
}

TEST(EveryVibrationFeature, IsFiniteOrNotKnownAtAnySpeed) {
  for (const float speed_rpm : {0.1f, 7.0f, 600.0f, 60000.0f, 1e6f}) {
    for (const double rate_hz : {20.0, 25600.0}) {
      SCOPED_TRACE(std::to_string(speed_rpm) + " rpm at " + std::to_string(rate_hz));
      ExpectNothingInfinite(
          Extracted(Noise(1, 8191, 1), Complete(), Quantity::kVelocity, 1, rate_hz, speed_rpm));
    }
  }
}

TEST(EveryVibrationFeature, IsFiniteOrNotKnownInTheLongestRecord) {
  ExpectNothingInfinite(Extracted(Noise(1, Waveform::kMaxSamples, 1), WithoutBearings()));
}

}  // namespace
}  // namespace auscult::features
