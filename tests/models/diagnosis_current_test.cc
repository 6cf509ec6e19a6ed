#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "models/diagnosis.h"
#include "tests/models/diagnosed.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

using testing::HasSubstr;

features::FeatureVector MotorCurrent() {
  features::FeatureVector record = BlankFeatures(features::kCurrentSet, 3);
  record.speed_rpm = 1455;
  record.load_percent = 90;
  for (int c = 0; c < 3; ++c) {
    Set(record, "line_frequency_hz", 50, c);
    Set(record, "slip", 0.03f, c);
    Set(record, "sideband_low_db", 60, c);
    Set(record, "sideband_high_db", 62, c);
    Set(record, "negative_sequence_percent", 0.8f, c);
  }
  return record;
}

TEST(Diagnose, GradesRotorBarsByTheLowerSideband) {
  struct Case {
    float level_db;
    Fault verdict;
    std::string_view grade;
  };
  for (const Case& c : {Case{61, Fault::kHealthy, "excellent"}, Case{57, Fault::kHealthy, "good"},
                        Case{50, Fault::kHealthy, "to be watched"},
                        Case{44, Fault::kBrokenRotorBar, "a cracked bar"},
                        Case{40, Fault::kBrokenRotorBar, "a broken rotor bar"},
                        Case{33, Fault::kBrokenRotorBar, "several broken rotor bars"},
                        Case{25, Fault::kBrokenRotorBar, "severe"}}) {
    features::FeatureVector record = MotorCurrent();
    Set(record, "sideband_low_db", c.level_db, 2);
    const Diagnosis diagnosis = Diagnose(record, Motor());
    ExpectConsistent(diagnosis);
    EXPECT_EQ(FaultName(diagnosis.verdict), FaultName(c.verdict)) << c.level_db << " dB";
    if (c.level_db < 60) {
      EXPECT_THAT(Ranked(diagnosis, Fault::kBrokenRotorBar).evidence[0].text,
                  HasSubstr(std::string(c.grade)));
    }
  }
}

TEST(Diagnose, SaysNothingOfRotorBarsBelowAThirdOfTheLoad) {
  features::FeatureVector record = MotorCurrent();
  record.load_percent = 30;
  for (int c = 0; c < 3; ++c) Set(record, "sideband_low_db", 35, c);
  Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("load is 30 %"));
  // Without a load the slip tells it: 0.0133 at 1480 rpm.
  record.load_percent = features::kNotKnown;
  for (int c = 0; c < 3; ++c) Set(record, "slip", 0.003f, c);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kAbstain);
  for (int c = 0; c < 3; ++c) Set(record, "slip", 0.012f, c);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kBrokenRotorBar);
}

TEST(Diagnose, TakesNoiseForNoBrokenBarAndSaysSo) {
  features::FeatureVector record = MotorCurrent();
  for (int c = 0; c < 3; ++c) {
    Set(record, "sideband_low_db", 40, c);
    Set(record, "sideband_low_excess_db", 3, c);
  }
  Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("noise"));
  for (int c = 0; c < 3; ++c) Set(record, "sideband_low_excess_db", 9, c);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kBrokenRotorBar);
}

TEST(Diagnose, LetsTheThirdHarmonicDecideOnASidebandToBeWatched) {
  features::FeatureVector record = MotorCurrent();
  Set(record, "sideband_low_db", 50);
  Set(record, "third_sideband_db", 47);
  Set(record, "third_sideband_excess_db", 12);
  Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kBrokenRotorBar);
  Set(record, "third_sideband_excess_db", 8);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kHealthy);
  Set(record, "third_sideband_excess_db", 12);
  Set(record, "sideband_low_db", 56);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kHealthy);
}

TEST(Diagnose, SaysHowLongARecordOfRotorBarsMustBe) {
  features::FeatureVector record = MotorCurrent();
  for (int c = 0; c < 3; ++c) {
    Set(record, "sideband_low_db", features::kNotKnown, c);
    Set(record, "sideband_high_db", features::kNotKnown, c);
    Set(record, "slip", 0.004f, c);
    Set(record, "rotor_record_s", 14.6f, c);
  }
  Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("too short"));
  EXPECT_THAT(diagnosis.reason, HasSubstr("0.40 Hz"));
  EXPECT_THAT(diagnosis.remedy, HasSubstr("at least 15 s"));
  for (int c = 0; c < 3; ++c) Set(record, "slip", features::kNotKnown, c);
  diagnosis = Diagnose(record, Motor());
  EXPECT_THAT(diagnosis.reason, HasSubstr("do not show the slip"));
  EXPECT_THAT(diagnosis.remedy, HasSubstr("at least 15 s"));
  features::Machine unknown = Motor();
  unknown.pole_pairs = 0;
  EXPECT_THAT(Diagnose(record, unknown).remedy, HasSubstr("pole pairs"));
}

TEST(Diagnose, SaysNothingOfRotorBarsWhileTheLoadMoves) {
  features::FeatureVector record = MotorCurrent();
  for (int c = 0; c < 3; ++c) {
    Set(record, "sideband_low_db", 38, c);
    Set(record, "amplitude_variation_percent", 14, c);
  }
  Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("14 %"));
  // The stator may be judged all the same.
  Set(record, "negative_sequence_percent", 12);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kStatorWinding);
}

TEST(Diagnose, KnowsEccentricityByItsLines) {
  features::FeatureVector record = MotorCurrent();
  Set(record, "shaft_speed_rpm", 1455, 1);
  Set(record, "eccentricity_low_db", 36, 1);
  Set(record, "eccentricity_high_db", 39, 1);
  Set(record, "eccentricity_excess_db", 25, 1);
  Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kEccentricity);
  EXPECT_NEAR(diagnosis.ranking[0].evidence[0].frequency_hz, 50 - 24.25, 1e-3);
  Set(record, "eccentricity_excess_db", 5, 1);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kHealthy);
}

TEST(Diagnose, KnowsALostPhaseAndADistortedCurrent) {
  features::FeatureVector record = MotorCurrent();
  Set(record, "unbalance_percent", 100);
  Set(record, "negative_sequence_percent", 50);
  Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kElectrical);
  EXPECT_THAT(diagnosis.ranking[0].evidence[0].text, HasSubstr("hardly fed"));
  record = MotorCurrent();
  Set(record, "thd_percent", 31, 2);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kElectrical);
}

TEST(Diagnose, ShowsBearingLinesInTheCurrentWithoutCallingThem) {
  features::FeatureVector record = MotorCurrent();
  Set(record, "bearing_index", 0, 1);
  Set(record, "bearing_outer_db", 61, 1);
  Set(record, "bearing_outer_excess_db", 19, 1);
  Set(record, "bearing_inner_db", 80, 1);
  Set(record, "bearing_inner_excess_db", 4, 1);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kHealthy);
  ASSERT_EQ(diagnosis.ranking[1].fault, Fault::kOuterRace);
  EXPECT_THAT(diagnosis.ranking[1].evidence[0].text, HasSubstr("drive end 6205"));
}

TEST(Diagnose, ReadsACurrentOfTheOlderSet) {
  features::FeatureVector record = BlankFeatures(2, 3);
  record.load_percent = 90;
  for (int c = 0; c < 3; ++c) {
    Set(record, "line_frequency_hz", 50, c);
    Set(record, "slip", 0.03f, c);
    Set(record, "sideband_low_db", 38, c);
    Set(record, "negative_sequence_percent", 0.8f, c);
  }
  const Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kBrokenRotorBar);
}

TEST(Diagnose, KnowsAStatorFaultByItsNegativeSequenceEvenWithoutLoad) {
  features::FeatureVector record = MotorCurrent();
  record.load_percent = 0;
  Set(record, "negative_sequence_percent", 12);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kStatorWinding);
}

TEST(Diagnose, AbstainsOnACurrentWithoutASupplyLine) {
  const Diagnosis diagnosis = Diagnose(BlankFeatures(features::kCurrentSet), Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("no supply line"));
}

}  // namespace
}  // namespace auscult::models
