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
  features::FeatureVector record = BlankFeatures();
  Set(record, "velocity_rms_mm_s", 5.0f);
  const Score score = ScoreRecord(record, Pump(), nullptr);
  EXPECT_TRUE(score.scorable);
  EXPECT_EQ(score.zone, Zone::kD);
  EXPECT_TRUE(score.deviations.empty());
  EXPECT_TRUE(std::isnan(score.peak_rise_db));
}

TEST(ScoreRecord, MeasuresTheRiseOfThePeakOnTheWorstChannel) {
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
  const Score score = ScoreRecord(record, Pump(), &*baseline);
  EXPECT_NEAR(score.peak_rise_db, 12, 0.2);
  EXPECT_FALSE(score.outside_learnt);
  EXPECT_EQ(score.deviations.size(), 4u);
  record.speed_rpm = 900;
  EXPECT_TRUE(ScoreRecord(record, Pump(), &*baseline).outside_learnt);
}

TEST(ScoreRecord, IsNotScorableWhereTheRecordIsBrokenOrTheMachineStopped) {
  for (const QualityFlag flag : {QualityFlag::kClipped, QualityFlag::kConstant,
                                 QualityFlag::kDropout, QualityFlag::kStopped}) {
    features::FeatureVector record = BlankFeatures();
    Set(record, "velocity_rms_mm_s", 5.0f);
    record.quality = features::Bit(flag);
    const Score score = ScoreRecord(record, Pump(), nullptr);
    EXPECT_FALSE(score.scorable);
    EXPECT_EQ(score.zone, Zone::kUnknown);
  }
  features::FeatureVector record = BlankFeatures();
  record.quality = features::Bit(QualityFlag::kNoSpeed);
  EXPECT_TRUE(ScoreRecord(record, Pump(), nullptr).scorable);
}

}  // namespace
}  // namespace auscult::models
