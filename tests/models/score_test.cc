#include "models/score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

using features::QualityFlag;
using features::Zone;

features::Machine Pump() {
  features::Machine machine;
  machine.rated_power_kw = 30;
  machine.foundation = features::Foundation::kRigid;  // 1.4 / 2.8 / 4.5 mm/s
  return machine;
}

TEST(WorstZone, IsThatOfTheLoudestChannel) {
  features::FeatureVector record = BlankFeatures(features::kVibrationSet, 3);
  EXPECT_EQ(WorstZone(record, Pump()), Zone::kUnknown);
  Set(record, "velocity_rms_mm_s", 1.0f, 0);
  EXPECT_EQ(WorstZone(record, Pump()), Zone::kA);
  Set(record, "velocity_rms_mm_s", 3.0f, 2);
  EXPECT_EQ(WorstZone(record, Pump()), Zone::kC);
  EXPECT_EQ(WorstZone(record, features::Machine()), Zone::kUnknown);
}

TEST(ScoreRecord, SpeaksWithoutABaseline) {
  const features::Machine pump = Pump();
  features::FeatureVector record = BlankFeatures();
  Set(record, "velocity_rms_mm_s", 5.0f);
  const Score score = ScoreRecord(record, {.machine = &pump});
  EXPECT_TRUE(score.scorable);
  EXPECT_EQ(score.zone, Zone::kD);
  EXPECT_TRUE(score.deviations.empty());
  EXPECT_TRUE(std::isnan(score.peak_rise_db));
}

TEST(ScoreRecord, MeasuresTheRiseOfThePeakOnTheWorstChannel) {
  const features::Machine pump = Pump();
  Random random(1);
  std::vector<features::FeatureVector> records;
  for (int r = 0; r < 65; ++r) {
    features::FeatureVector record = BlankFeatures(features::kVibrationSet, 2);
    for (int c = 0; c < 2; ++c) {
      Set(record, "level_db", static_cast<float>(-5 + 0.1 * random.Normal()), c);
      Set(record, "peak_db", static_cast<float>(8 + 0.1 * random.Normal()), c);
    }
    record.speed_rpm = 1500;
    records.push_back(std::move(record));
  }
  const auto baseline = Baseline::Fit(records);
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  features::FeatureVector record = records.back();
  Set(record, "peak_db", 20, 1);
  const Score score = ScoreRecord(record, {.machine = &pump, .baseline = &*baseline});
  EXPECT_NEAR(score.peak_rise_db, 12, 0.2);
  EXPECT_FALSE(score.outside_learnt);
  EXPECT_EQ(score.deviations.size(), 4u);
  record.speed_rpm = 900;
  EXPECT_TRUE(ScoreRecord(record, {.machine = &pump, .baseline = &*baseline}).outside_learnt);
}

TEST(ScoreRecord, NamesTheWorstLimitOfTheUser) {
  const features::Machine machine;
  features::FeatureVector record = BlankFeatures();
  Set(record, "kurtosis", 7);
  Set(record, "level_db", -12);
  const float none = features::kNotKnown;
  const std::vector<UserLimit> limits = {
      {.value_index = IndexOf(record, "kurtosis"), .alert = 5, .alarm = none},
      {.value_index = IndexOf(record, "level_db"), .alert = -15, .alarm = -13},
      {.value_index = IndexOf(record, "rms"), .alert = 0, .alarm = 0}};
  const auto reached = [&](std::span<const UserLimit> set) {
    return ScoreRecord(record, {.machine = &machine, .limits = set}).limit;
  };
  ASSERT_TRUE(reached(limits).has_value());
  EXPECT_TRUE(reached(limits)->alarm);
  EXPECT_EQ(reached(limits)->value_index, limits[1].value_index);
  EXPECT_EQ(reached(limits)->value, -12);
  EXPECT_EQ(reached(limits)->limit, -13);
  ASSERT_TRUE(reached(std::span(limits).first(1)).has_value());
  EXPECT_FALSE(reached(std::span(limits).first(1))->alarm);
  EXPECT_FALSE(reached(std::span(limits).last(1)).has_value());  // the record has no RMS
}

TEST(ScoreRecord, IsNotScorableWhereTheRecordIsBrokenOrTheMachineStopped) {
  const features::Machine pump = Pump();
  for (const QualityFlag flag : {QualityFlag::kClipped, QualityFlag::kConstant,
                                 QualityFlag::kDropout, QualityFlag::kStopped}) {
    features::FeatureVector record = BlankFeatures();
    Set(record, "velocity_rms_mm_s", 5.0f);
    record.quality = features::Bit(flag);
    const Score score = ScoreRecord(record, {.machine = &pump});
    EXPECT_FALSE(score.scorable);
    EXPECT_EQ(score.zone, Zone::kUnknown);
  }
  features::FeatureVector record = BlankFeatures();
  record.quality = features::Bit(QualityFlag::kNoSpeed);
  EXPECT_TRUE(ScoreRecord(record, {.machine = &pump}).scorable);
}

}  // namespace
}  // namespace auscult::models
