#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "models/diagnosis.h"
#include "tests/models/diagnosed.h"
#include "tests/models/made_features.h"

// What the bearing rules make of races, balls, cages and several channels.
namespace auscult::models {
namespace {

using testing::HasSubstr;

features::FeatureVector Quiet(int channel_count = 1) {
  features::FeatureVector record = BlankFeatures(features::kVibrationSet, channel_count);
  record.speed_rpm = 1480;
  for (int c = 0; c < channel_count; ++c) {
    for (const std::string family : {"bpfo", "bpfi", "ball", "cage"}) {
      Set(record, family + "_existence", 0.5f, c);
      Set(record, family + "_depth", 0.02f, c);
    }
    Set(record, "bpfo_order", 3.57f, c);
    Set(record, "bpfi_order", 5.41f, c);
    Set(record, "ball_order", 4.70f, c);
    Set(record, "bearing_index", 0, c);
    Set(record, "kurtosis", 3.0f, c);
    Set(record, "order_1x_mm_s", 0.7f, c);
  }
  return record;
}

Fault First(const features::FeatureVector& record) {
  return Diagnose(record, Motor()).bearing_ranking[0];
}

TEST(DiagnoseBearing, BelievesNoRaceWhoseLinesAreFaint) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfi_existence", 3.0f);
  Set(record, "bpfi_depth", 0.3f);
  EXPECT_EQ(First(record), Fault::kBall);
  EXPECT_FALSE(NamesFault(Diagnose(record, Motor()).verdict));
  Set(record, "bpfi_existence", 3.5f);
  EXPECT_EQ(First(record), Fault::kInnerRace);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kInnerRace);
}

TEST(DiagnoseBearing, BelievesNoRaceThatHardlyModulatesUnlessItIsPlain) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfo_existence", 6.0f);
  Set(record, "bpfo_depth", 0.26f);
  EXPECT_EQ(First(record), Fault::kBall);
  Set(record, "bpfo_depth", 0.30f);
  EXPECT_EQ(First(record), Fault::kOuterRace);
  Set(record, "bpfo_existence", 8.0f);
  Set(record, "bpfo_depth", 0.1f);
  EXPECT_EQ(First(record), Fault::kOuterRace);
}

// A record that does not resolve the cage is too short to show spells.
TEST(DiagnoseBearing, PrefersNoBallInARecordOfFewTurns) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfi_existence", 3.0f);
  Set(record, "kurtosis", 9.0f);
  Set(record, "cage_existence", features::kNotKnown);
  Set(record, "cage_depth", features::kNotKnown);
  EXPECT_EQ(First(record), Fault::kInnerRace);
}

TEST(DiagnoseBearing, TakesCageLinesOfAHealthyBearingForNoFault) {
  features::FeatureVector record = Quiet();
  Set(record, "cage_existence", 6.4f);
  Set(record, "cage_depth", 0.3f);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kHealthy);
  Set(record, "cage_depth", 0.8f);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kCage);
}

TEST(DiagnoseBearing, ExplainsCageLinesByARaceThatIsCalled) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfo_existence", 5.0f);
  Set(record, "bpfo_depth", 1.5f);
  Set(record, "cage_existence", 9.0f);
  Set(record, "cage_depth", 1.1f);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  EXPECT_EQ(diagnosis.verdict, Fault::kOuterRace);
  EXPECT_LT(Ranked(diagnosis, Fault::kCage).probability, diagnosis.confidence);
}

TEST(DiagnoseBearing, HearsOneDefectOnSeveralChannels) {
  features::FeatureVector record = Quiet(3);
  // By chance one channel shows an outer race; all of them show the inner race.
  Set(record, "bpfo_existence", 6.5f, 0);
  Set(record, "bpfo_depth", 0.4f, 0);
  for (int c = 0; c < 3; ++c) {
    Set(record, "bpfi_existence", 6.0f, c);
    Set(record, "bpfi_depth", 0.4f, c);
  }
  const Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kInnerRace);
  EXPECT_THAT(diagnosis.ranking[0].evidence.back().text, HasSubstr("3 of the 3 channels"));
  EXPECT_THAT(Ranked(diagnosis, Fault::kOuterRace).evidence.back().text,
              HasSubstr("1 of the 3 channels"));
  EXPECT_FALSE(Ranked(diagnosis, Fault::kOuterRace).evidence.back().supports);
}

TEST(DiagnoseBearing, LeavesChannelsOfAnotherBearingOut) {
  features::FeatureVector record = Quiet(2);
  features::Machine machine = Motor();
  machine.bearings.push_back({"fan end", "6203", {3.05f, 4.95f, 1.99f, 0.382f}});
  Set(record, "bearing_index", 1, 1);
  Set(record, "bpfo_existence", 4.0f, 0);
  Set(record, "bpfo_depth", 0.4f, 0);
  const Diagnosis diagnosis = Diagnose(record, machine);
  EXPECT_EQ(diagnosis.verdict, Fault::kOuterRace);
  EXPECT_THAT(diagnosis.ranking[0].evidence[0].text, HasSubstr("drive end"));
  EXPECT_THAT(diagnosis.ranking[0].evidence.back().text, testing::Not(HasSubstr("channels")));
}

TEST(DiagnoseBearing, AsksForMoreDepthWhereTheSpeedIsInDoubt) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfo_existence", 9.0f);
  Set(record, "bpfo_depth", 0.35f);
  Set(record, "speed_confidence", 0.9f);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kOuterRace);
  Set(record, "speed_confidence", 0.5f);
  EXPECT_FALSE(NamesFault(Diagnose(record, Motor()).verdict));
}

TEST(DiagnoseBearing, GradesByDepthAndElseByImpacts) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfo_existence", 9.0f);
  float before = 0;
  for (const float depth : {0.3f, 0.8f, 1.5f, 2.5f}) {
    Set(record, "bpfo_depth", depth);
    const Severity severity = Diagnose(record, Motor()).severity;
    EXPECT_GT(severity.value, before);
    EXPECT_LT(severity.value, 1);
    EXPECT_EQ(severity.measure, depth);
    EXPECT_FALSE(severity.grade.empty());
    before = severity.value;
  }
  EXPECT_EQ(Diagnose(record, Motor()).severity.grade, "severe");
  Set(record, "bpfo_depth", 0.1f);
  Set(record, "kurtosis", 13.0f);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  EXPECT_THAT(diagnosis.severity.basis, HasSubstr("kurtosis 13.0"));
  EXPECT_TRUE(std::isnan(Diagnose(Quiet(), Motor()).severity.value));
}

}  // namespace
}  // namespace auscult::models
