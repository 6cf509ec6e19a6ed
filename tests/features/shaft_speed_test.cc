#include "features/shaft_speed.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "features/extract.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

constexpr double kRateHz = 10000;
constexpr int kSamples = 80000;  // 8 s
constexpr double kTwoPi = 2 * std::numbers::pi;
using Turns = std::function<double(double)>;

double Steady(double t) { return 24.7 * t + 0.2; }
double Ramp(double t) { return 24 * t + 0.09 * t * t + 0.2; }  // 24 Hz to 25.44 Hz: 5.8 %
double Swing(double t) {                                       // 24.7 Hz +-0.5 %, once in 4 s
  return 24.7 * t + 0.2 + 0.1235 / (0.25 * kTwoPi) * (1 - std::cos(0.25 * kTwoPi * t));
}

// Lines of a shaft at orders 1 to 5, amplitude 1 / order, peaking at whole turns, in noise.
std::vector<float> Lines(const Turns& turns, double noise = 0.3, uint32_t seed = 1) {
  std::vector<float> samples = testing::Noise(noise, kSamples, seed);
  for (int i = 0; i < kSamples; ++i) {
    const double angle = kTwoPi * turns(i / kRateHz);
    for (int k = 1; k <= 5; ++k) samples[i] += static_cast<float>(std::cos(k * angle) / k);
  }
  return samples;
}

std::vector<float> Pulses(const Turns& turns) {
  std::vector<float> samples(kSamples);
  for (int i = 0; i < kSamples; ++i) {
    const double angle = turns(i / kRateHz);
    samples[i] = angle - std::floor(angle) < 0.1 ? 1.0f : 0.0f;
  }
  return samples;
}

Waveform Sent(std::vector<float> samples, Conditions conditions, bool tachometer = false) {
  std::vector<Waveform::Channel> channels = {{"H", Quantity::kAcceleration}};
  if (tachometer) channels.push_back({"T", Quantity::kTachometer});
  auto waveform = Waveform::Create(std::move(samples), std::move(channels), kRateHz, conditions);
  EXPECT_TRUE(waveform.ok()) << waveform.status();
  return *std::move(waveform);
}

Waveform WithTachometer(const Turns& turns, Conditions conditions = {}) {
  std::vector<float> samples = Lines(turns);
  const std::vector<float> pulses = Pulses(turns);
  samples.insert(samples.end(), pulses.begin(), pulses.end());
  return Sent(std::move(samples), conditions, true);
}

FeatureVector Extracted(const Waveform& waveform, const Machine& machine = {}) {
  Extractor extractor;
  FeatureVector out;
  const absl::Status status = extractor.Extract(waveform, machine, out);
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

double MeanHz(const Turns& turns) { return (turns(8) - turns(0)) / 8; }

// The 1/k of the lines as velocity RMS.
double ExpectedMmS(int order, double shaft_hz) {
  return 1e3 / order / std::sqrt(2.0) / (kTwoPi * order * shaft_hz);
}

TEST(ShaftTracking, FindsANominalSpeedToEitherSide) {
  for (const float share : {0.93f, 0.97f, 1.0f, 1.04f, 1.08f}) {
    SCOPED_TRACE(share);
    const float sent_rpm = 60 * 24.7f * share;
    const auto out =
        Extracted(Sent(Lines(Steady), {.speed_rpm = sent_rpm, .speed_tolerance = 0.09f}));
    EXPECT_NEAR(out.speed_rpm / 60, 24.7, 0.001 * 24.7);
    EXPECT_GT(out.Value(0, "speed_confidence"), 0.9);
    EXPECT_TRUE(Has(out.quality, QualityFlag::kSpeedEstimated));
    EXPECT_FALSE(Has(out.quality, QualityFlag::kSpeedContradicted));
    EXPECT_FALSE(out.Value(0, "speed_variation_percent") > 0.3f);
  }
}

TEST(ShaftTracking, IsNotSureOfTheSpeedOfNoise) {
  int sure = 0;
  int claimed = 0;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    const std::vector<float> noise = testing::Noise(1, kSamples, seed);
    const auto out = Extracted(Sent(noise, {.speed_rpm = 1480, .speed_tolerance = 0.09f}));
    sure += out.Value(0, "speed_confidence") > 0.35f ? 1 : 0;
    claimed += std::isnan(Extracted(Sent(noise, {})).speed_rpm) ? 0 : 1;
  }
  EXPECT_LE(sure, 4);
  EXPECT_LE(claimed, 1);
}

TEST(ShaftTracking, FindsASpeedThatNobodySentWherePlain) {
  for (const double hz : {7.3, 13.1, 24.7, 48.9}) {
    SCOPED_TRACE(hz);
    const auto out = Extracted(Sent(Lines([hz](double t) { return hz * t; }), {}));
    EXPECT_NEAR(out.speed_rpm / 60, hz, 0.002 * hz);
    EXPECT_GT(out.Value(0, "speed_confidence"), 0.35);
    EXPECT_LE(out.Value(0, "speed_confidence"), 0.5);
    EXPECT_TRUE(Has(out.quality, QualityFlag::kSpeedEstimated));
    EXPECT_FALSE(Has(out.quality, QualityFlag::kNoSpeed));
  }
}

TEST(ShaftTracking, ReplacesAMeasuredSpeedThatTheLinesContradict) {
  for (const float share : {0.85f, 0.95f, 1.05f, 1.15f}) {
    SCOPED_TRACE(share);
    const auto out = Extracted(Sent(Lines(Steady), {.speed_rpm = 60 * 24.7f * share}));
    EXPECT_NEAR(out.speed_rpm / 60, 24.7, 0.02);
    EXPECT_TRUE(Has(out.quality, QualityFlag::kSpeedContradicted));
    EXPECT_TRUE(Has(out.quality, QualityFlag::kSpeedEstimated));
  }
}

TEST(ShaftTracking, KeepsAMeasuredSpeedThatIsRightOrThatNothingContradicts) {
  const std::vector<float> records[] = {Lines(Steady), testing::Noise(1, kSamples, 3),
                                        testing::Sine(1, 100, kRateHz, kSamples)};
  for (const auto& record : records) {
    const auto out = Extracted(Sent(record, {.speed_rpm = 60 * 24.7f}));
    EXPECT_NEAR(out.speed_rpm / 60, 24.7, 1e-4);
    EXPECT_EQ(out.Value(0, "speed_confidence"), 1);
    EXPECT_EQ(
        out.quality & (Bit(QualityFlag::kSpeedContradicted) | Bit(QualityFlag::kSpeedEstimated)),
        0u);
  }
}

TEST(ShaftTracking, TakesOrdersAtUniformAngleWhereTheSpeedVaries) {
  for (const auto& turns : {Turns(Ramp), Turns(Swing)}) {
    const double mean_hz = MeanHz(turns);
    const float rpm = static_cast<float>(60 * mean_hz);
    // By a tachometer; by the phase of a line around a sent speed; and around a nominal one.
    const FeatureVector all[] = {
        Extracted(WithTachometer(turns)), Extracted(Sent(Lines(turns), {.speed_rpm = rpm})),
        Extracted(Sent(Lines(turns), {.speed_rpm = 1.03f * rpm, .speed_tolerance = 0.06f}))};
    const double variation = mean_hz < 24.71 ? 1.0 : 5.8;
    for (size_t i = 0; i < std::size(all); ++i) {
      SCOPED_TRACE(::testing::Message() << i << " at " << mean_hz);
      EXPECT_NEAR(all[i].Value(0, "speed_variation_percent"), variation, 0.3);
      EXPECT_NEAR(all[i].speed_rpm, rpm, 0.003 * rpm);
      EXPECT_NEAR(all[i].Value(0, "order_5x_mm_s"), ExpectedMmS(5, mean_hz),
                  0.06 * ExpectedMmS(5, mean_hz));
    }
  }
}

TEST(ShaftTracking, GivesPhasesFromTheTachometerAlone) {
  // The lines peak at whole turns, where the pulses begin.
  for (const auto& turns : {Turns(Steady), Turns(Ramp), Turns(Swing)}) {
    const auto out = Extracted(WithTachometer(turns));
    EXPECT_NEAR(out.speed_rpm / 60, MeanHz(turns), 1e-3 * MeanHz(turns));
    EXPECT_EQ(out.Value(0, "speed_confidence"), 1);
    EXPECT_NEAR(std::remainder(out.Value(0, "order_1x_phase_deg"), 360), 0, 1.5);
    EXPECT_NEAR(std::remainder(out.Value(0, "order_2x_phase_deg"), 360), 0, 3);
    EXPECT_FALSE(Has(out.quality, QualityFlag::kNoSpeed));
    const auto without = Extracted(Sent(Lines(turns), {.speed_rpm = 1482}));
    EXPECT_TRUE(std::isnan(without.Value(0, "order_1x_phase_deg")));
  }
  Machine machine;
  machine.tachometer_pulses = 2;  // which of them is the mark?
  const auto out = Extracted(WithTachometer(Steady), machine);
  EXPECT_NEAR(out.speed_rpm / 60, 12.35, 0.01);
  EXPECT_TRUE(std::isnan(out.Value(0, "order_1x_phase_deg")));
}

TEST(ShaftTracking, GoesOnWithoutATachometerThatTellsNothing) {
  std::vector<float> samples = Lines(Steady);
  samples.resize(2 * kSamples, 0.0f);
  const auto out = Extracted(Sent(samples, {.speed_rpm = 60 * 24.7f}, true));
  EXPECT_TRUE(Has(out.quality, QualityFlag::kTachometerUnusable));
  EXPECT_FALSE(Has(out.quality, QualityFlag::kConstant));
  EXPECT_NEAR(out.speed_rpm / 60, 24.7, 1e-4);
}

TEST(ShaftTracking, LeavesTheFeaturesOfATachometerUnknown) {
  const auto out = Extracted(WithTachometer(Steady));
  ASSERT_EQ(out.channel_count, 2);
  const FeatureSet* const set = FindFeatureSet(out.set_id);
  for (const FeatureDefinition& feature : set->features) {
    EXPECT_TRUE(std::isnan(out.Value(1, feature.name))) << feature.name;
  }
}

TEST(ShaftTracking, BelongsToVibrationOrCurrent) {
  std::vector<float> samples = testing::Sine(10, 50, kRateHz, kSamples);
  const std::vector<float> pulses = Pulses(Steady);
  samples.insert(samples.end(), pulses.begin(), pulses.end());
  auto current = Waveform::Create(
      std::move(samples), {{"U", Quantity::kCurrent}, {"T", Quantity::kTachometer}}, kRateHz, {});
  ASSERT_TRUE(current.ok());
  EXPECT_NEAR(Extracted(*current).speed_rpm / 60, 24.7, 0.01);
  EXPECT_FALSE(Has(Extracted(*current).quality, QualityFlag::kNoSpeed));
  auto alone = Waveform::Create(Pulses(Steady), {{"T", Quantity::kTachometer}}, kRateHz, {});
  ASSERT_TRUE(alone.ok());
  Extractor extractor;
  FeatureVector out;
  EXPECT_EQ(extractor.Extract(*alone, {}, out).code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace auscult::features
