#include "features/extract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "features/bearing_catalogue.h"
#include "tests/features/signals.h"

namespace auscult::features {
namespace {

using ::testing::HasSubstr;
using testing::kPi;
using testing::Noise;
using testing::Record;
using testing::Sine;
using testing::Sum;

constexpr double kRate = 25600;
constexpr int kCount = 16384;

Machine Pump() {
  Machine machine;
  machine.rated_speed_rpm = 1480;
  machine.line_frequency_hz = 50;
  machine.blades = 5;
  machine.gears = {{"pinion", 21, 1.0f}};
  const CatalogueBearing& bearing = *FindBearing("skf-6205-2rs-jem");
  machine.bearings = {{"drive end", std::string(bearing.designation), OrdersOf(bearing.geometry)}};
  return machine;
}

std::vector<float> Vibration(uint32_t seed) {
  return Sum(Sine(2, 24.7, kRate, kCount), Noise(0.5, kCount, seed));
}

FeatureVector Extracted(const Waveform& waveform, const Machine& machine = {}) {
  Extractor extractor;
  FeatureVector out;
  const absl::Status status = extractor.Extract(waveform, machine, out);
  EXPECT_TRUE(status.ok()) << status;
  return out;
}

bool SameBits(const FeatureVector& a, const FeatureVector& b) {
  return a.values.size() == b.values.size() && a.quality == b.quality &&
         std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(float)) == 0;
}

TEST(Extract, GivesTheLevelsOfASine) {
  const auto out =
      Extracted(Record(Sine(2, 100, kRate, kCount), kRate, Quantity::kAcceleration, 1500));
  EXPECT_EQ(out.set_id, kVibrationSet);
  EXPECT_EQ(out.channel_count, 1);
  EXPECT_EQ(out.speed_rpm, 1500);
  EXPECT_NEAR(out.Value(0, "rms"), std::sqrt(2.0), 1e-3);
  EXPECT_NEAR(out.Value(0, "level_db"), 10 * std::log10(2.0), 0.01);
  EXPECT_NEAR(out.Value(0, "peak_db"), 20 * std::log10(2.0), 0.01);
  EXPECT_NEAR(out.Value(0, "velocity_rms_mm_s"), 1e3 * std::sqrt(2.0) / (2 * kPi * 100), 0.01);
  EXPECT_NEAR(out.Value(0, "order_4x_mm_s"), 1e3 * std::sqrt(2.0) / (2 * kPi * 100), 0.01);
  EXPECT_NEAR(out.Value(0, "displacement_pp_um"), 4e6 / std::pow(2 * kPi * 100, 2), 0.2);
}

TEST(Extract, GivesBandPowersOfWhiteNoiseByTheirWidth) {
  constexpr int kLong = 1 << 18;
  const auto out = Extracted(Record(Noise(3, kLong, 1), kRate));
  const auto expected = [](double width_hz) { return 10 * std::log10(9 * width_hz / (kRate / 2)); };
  EXPECT_NEAR(out.Value(0, "band_20_50_db"), expected(30), 1.5);
  EXPECT_NEAR(out.Value(0, "band_200_315_db"), expected(115), 0.8);
  EXPECT_NEAR(out.Value(0, "band_2000_2500_db"), expected(500), 0.4);
  EXPECT_NEAR(out.Value(0, "band_10000_12500_db"), expected(2500), 0.2);
  EXPECT_NEAR(out.Value(0, "band_12500_up_db"), expected(300), 0.5);
  EXPECT_NEAR(out.Value(0, "impulsiveness_1000_12000_db"), 0, 0.1);
  EXPECT_NEAR(out.Value(0, "highpass_kurtosis"), 3, 0.1);
}

TEST(Extract, LeavesOutBandsThatTheRateDoesNotReach) {
  const auto out = Extracted(Record(Noise(1, 12000, 1), 12000));
  EXPECT_FALSE(std::isnan(out.Value(0, "band_5000_6300_db")));  // cut at 6 kHz
  EXPECT_TRUE(std::isnan(out.Value(0, "band_6300_8000_db")));
  EXPECT_TRUE(std::isnan(out.Value(0, "band_12500_up_db")));
  EXPECT_TRUE(std::isnan(out.Value(0, "impulsiveness_7000_12500_db")));
}

TEST(Extract, ReportsTheStrongestBearing) {
  // Impacts on the outer race, 3.5848 times a turn.
  const double impacts_hz = 3.5848 * 24.7;
  const auto samples =
      Sum(testing::Impacts(10, impacts_hz, 4000, kRate, 4 * kCount), Noise(0.2, 4 * kCount, 2));
  Machine machine = Pump();
  machine.bearings.insert(machine.bearings.begin(), {"other", "", {4.13f, 6.87f, 2.71f, 0.3755f}});
  const auto out = Extracted(Record(samples, kRate, Quantity::kAcceleration, 60 * 24.7f), machine);
  EXPECT_EQ(out.Value(0, "bearing_index"), 1);
  EXPECT_GT(out.Value(0, "bpfo_existence"), 4);
  EXPECT_GT(out.Value(0, "bpfo_existence"), out.Value(0, "bpfi_existence"));
  EXPECT_GT(out.Value(0, "bpfo_depth"), 0.25);
  EXPECT_NEAR(out.Value(0, "bpfo_order"), 3.5848, 0.03);
  EXPECT_LT(out.Value(0, "bearing_band_low_hz"), 4000);
  EXPECT_GT(out.Value(0, "bearing_band_high_hz"), 4000);
}

TEST(Extract, FindsTheSpeedOnlyWhereNoneWasSent) {
  std::vector<float> samples = Noise(0.2, 4 * kCount, 3);
  for (int order = 1; order <= 4; ++order) {
    samples = Sum(samples, Sine(1.0 / order, order * 24.1, kRate, 4 * kCount, order));
  }
  Machine machine;
  machine.rated_speed_rpm = 1500;
  auto out = Extracted(Record(samples, kRate), machine);
  EXPECT_NEAR(out.speed_rpm, 60 * 24.1, 6);
  EXPECT_TRUE(Has(out.quality, QualityFlag::kSpeedEstimated));
  EXPECT_GT(out.Value(0, "speed_confidence"), 0.3);
  out = Extracted(Record(samples, kRate, Quantity::kAcceleration, 1446), machine);
  EXPECT_FALSE(Has(out.quality, QualityFlag::kSpeedEstimated));
  EXPECT_NEAR(out.speed_rpm, 1446, 9);
  // A nominal speed that was sent is sharpened like that of the nameplate.
  auto nominal = Waveform::Create(samples, {{"", Quantity::kAcceleration}}, kRate,
                                  {.speed_rpm = 1520, .speed_tolerance = 0.09f});
  ASSERT_TRUE(nominal.ok());
  out = Extracted(*nominal);
  EXPECT_NEAR(out.speed_rpm, 60 * 24.1, 6);
  EXPECT_TRUE(Has(out.quality, QualityFlag::kSpeedEstimated));
  out = Extracted(Record(samples, kRate));
  EXPECT_TRUE(std::isnan(out.speed_rpm));
  EXPECT_TRUE(Has(out.quality, QualityFlag::kNoSpeed));
  EXPECT_TRUE(std::isnan(out.Value(0, "order_1x_mm_s")));
}

TEST(Extract, FlagsAMachineThatStandsStill) {
  for (const float speed_rpm : {0.0f, 70.0f, 80.0f}) {
    const auto out =
        Extracted(Record(Vibration(1), kRate, Quantity::kAcceleration, speed_rpm), Pump());
    EXPECT_EQ(Has(out.quality, QualityFlag::kStopped), speed_rpm < 74) << speed_rpm;
    EXPECT_FALSE(Has(out.quality, QualityFlag::kNoSpeed));
    EXPECT_EQ(std::isnan(out.Value(0, "bpfo_existence")), speed_rpm < 74 || speed_rpm < 400);
  }
}

TEST(Extract, FlagsRecordsTooShortForVelocityAndLines) {
  const auto out =
      Extracted(Record(Noise(1, 2560, 1), kRate, Quantity::kAcceleration, 1800), Pump());
  EXPECT_TRUE(Has(out.quality, QualityFlag::kTooShortForVelocity));
  EXPECT_TRUE(Has(out.quality, QualityFlag::kTooShortForLines));
  EXPECT_TRUE(std::isnan(out.Value(0, "velocity_rms_mm_s")));
  EXPECT_TRUE(std::isnan(out.Value(0, "displacement_pp_um")));
  EXPECT_FALSE(std::isnan(out.Value(0, "band_20_50_db")));
}

TEST(Extract, OfAConstantRecordReportsNoVibration) {
  const auto out = Extracted(
      Record(std::vector<float>(4096, 2.5f), kRate, Quantity::kAcceleration, 1480), Pump());
  EXPECT_TRUE(Has(out.quality, QualityFlag::kConstant));
  EXPECT_EQ(out.Value(0, "mean"), 2.5f);
  EXPECT_EQ(out.Value(0, "rms"), 0);
  for (const char* name : {"level_db", "velocity_rms_mm_s", "kurtosis", "band_50_100_db",
                           "order_1x_mm_s", "bpfo_existence", "impulsiveness_500_2000_db"}) {
    EXPECT_TRUE(std::isnan(out.Value(0, name))) << name;
  }
}

TEST(Extract, FlagsAClippedRecord) {
  std::vector<float> samples = Vibration(1);
  for (float& x : samples) x = std::clamp(x, -2.0f, 2.0f);
  EXPECT_TRUE(Has(Extracted(Record(samples, kRate)).quality, QualityFlag::kClipped));
}

TEST(Extract, NeverGivesAnInfiniteNumber) {
  for (const float scale : {1e-30f, 1e-9f, 1.0f, 1e11f}) {
    std::vector<float> samples = Vibration(1);
    for (float& x : samples) x *= scale;
    for (const Quantity quantity :
         {Quantity::kAcceleration, Quantity::kDisplacement, Quantity::kCurrent}) {
      const auto out = Extracted(Record(samples, kRate, quantity, 1480), Pump());
      const auto features = FindFeatureSet(out.set_id)->features;
      for (size_t i = 0; i < out.values.size(); ++i) {
        EXPECT_FALSE(std::isinf(out.values[i])) << features[i].name << " at " << scale;
      }
    }
  }
}

TEST(Extract, TakesEveryLengthFromTheShortest) {
  for (const int count : {256, 257, 263, 511, 1000, 4099, 9973}) {
    SCOPED_TRACE(count);
    const auto out =
        Extracted(Record(Noise(1, count, 1), 10000, Quantity::kAcceleration, 1480), Pump());
    EXPECT_NEAR(out.Value(0, "level_db"), 0, 1.0);
    EXPECT_NEAR(out.Value(0, "band_2000_2500_db"), -10, 4);
  }
}

TEST(Extract, KeepsChannelsApart) {
  std::vector<float> samples = Vibration(1);
  const std::vector<float> second = Noise(0.1, kCount, 9);
  samples.insert(samples.end(), second.begin(), second.end());
  const auto both = Extracted(Record(samples, kRate, Quantity::kAcceleration, 1482, 2));
  const auto first = Extracted(Record(Vibration(1), kRate, Quantity::kAcceleration, 1482));
  const auto alone = Extracted(Record(second, kRate, Quantity::kAcceleration, 1482));
  ASSERT_EQ(both.values.size(), first.values.size() + alone.values.size());
  EXPECT_EQ(std::memcmp(both.values.data(), first.values.data(), first.values.size() * 4), 0);
  EXPECT_EQ(std::memcmp(both.values.data() + first.values.size(), alone.values.data(),
                        alone.values.size() * 4),
            0);
}

TEST(Extract, DependsOnItsArgumentsAlone) {
  const Waveform record = Record(Vibration(1), kRate, Quantity::kAcceleration, 1482);
  const FeatureVector fresh = Extracted(record, Pump());
  Extractor extractor;
  FeatureVector out;
  // Other lengths, rates, quantities and loud records in between, enough to evict the workspace.
  for (int i = 0; i < 12; ++i) {
    const Quantity quantity = i % 3 == 0 ? Quantity::kCurrent : Quantity::kAcceleration;
    std::vector<float> samples = Noise(1e6, 4000 + 377 * i, static_cast<uint32_t>(i));
    ASSERT_TRUE(
        extractor.Extract(Record(samples, 1000 + 500 * i, quantity, 600), Pump(), out).ok());
    ASSERT_TRUE(extractor.Extract(record, Pump(), out).ok());
    EXPECT_TRUE(SameBits(out, fresh)) << i;
  }
}

TEST(Extract, RefusesVibrationAndCurrentInOnePoint) {
  auto waveform =
      Waveform::Create(std::vector<float>(2000),
                       {{"H", Quantity::kAcceleration}, {"I", Quantity::kCurrent}}, 1000, {});
  ASSERT_TRUE(waveform.ok());
  Extractor extractor;
  FeatureVector out;
  const absl::Status status = extractor.Extract(*waveform, {}, out);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("channel 1 current"));
}

TEST(Extract, GivesTheCurrentSetOfThreePhases) {
  constexpr double kCurrentRate = 5000;
  constexpr int kCurrentCount = 50000;
  std::vector<float> samples;
  for (int phase = 0; phase < 3; ++phase) {
    const auto one =
        Sine(phase == 0 ? 11 : 10, 50, kCurrentRate, kCurrentCount, -2 * kPi * phase / 3);
    samples.insert(samples.end(), one.begin(), one.end());
  }
  Machine machine;
  machine.pole_pairs = 2;
  const auto out = Extracted(Record(samples, kCurrentRate, Quantity::kCurrent, 1455, 3), machine);
  EXPECT_EQ(out.set_id, kCurrentSet);
  EXPECT_EQ(out.channel_count, 3);
  EXPECT_NEAR(out.Value(0, "rms"), 11 / std::sqrt(2.0), 0.01);
  EXPECT_NEAR(out.Value(1, "line_frequency_hz"), 50, 1e-3);
  EXPECT_NEAR(out.Value(1, "slip"), 0.03, 1e-4);
  EXPECT_NEAR(out.Value(2, "crest_factor"), std::sqrt(2.0), 0.01);
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_NEAR(out.Value(channel, "unbalance_percent"), 100 * (2.0 / 3) / (31.0 / 3), 0.01);
    EXPECT_NEAR(out.Value(channel, "negative_sequence_percent"), 100 / 31.0, 0.01);
  }
  EXPECT_NEAR(out.Value(1, "line_db"), 20 * std::log10(10 / std::sqrt(2.0)), 0.02);
  EXPECT_TRUE(std::isnan(Extracted(Record(Sine(1, 50, 5000, 5000), 5000, Quantity::kCurrent))
                             .Value(0, "unbalance_percent")));
}

TEST(Extract, TakesARatedSpeedThatNoShaftHasForNotKnown) {
  for (const float rpm : {1e30f, std::numeric_limits<float>::infinity(), -1480.0f}) {
    Machine machine;
    machine.rated_speed_rpm = rpm;
    machine.bearings = {{"drive end", "6205", {3.58f, 5.42f, 2.36f, 0.398f}}};
    EXPECT_TRUE(
        Has(Extracted(Record(Noise(1, 2048, 1), 12800), machine).quality, QualityFlag::kNoSpeed));
  }
}

}  // namespace
}  // namespace auscult::features
