#include "models/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

using features::QualityFlag;
using testing::HasSubstr;

features::Machine Motor() {
  features::Machine machine;
  machine.rated_power_kw = 55;
  machine.foundation = features::Foundation::kRigid;
  machine.rated_speed_rpm = 1480;
  machine.line_frequency_hz = 50;
  machine.pole_pairs = 2;
  machine.bearings = {{"drive end", "6205", {3.58f, 5.42f, 2.357f, 0.398f}}};
  return machine;
}

// A quiet machine whose bearing could be judged.
features::FeatureVector Quiet(int channel_count = 1) {
  features::FeatureVector record = BlankFeatures(features::kVibrationSet, channel_count);
  record.speed_rpm = 1480;
  for (int c = 0; c < channel_count; ++c) {
    for (const std::string_view name :
         {"bpfo_existence", "bpfi_existence", "ball_existence", "cage_existence"}) {
      Set(record, name, 0.5f, c);
    }
    for (const std::string_view name : {"bpfo_depth", "bpfi_depth", "ball_depth", "cage_depth"}) {
      Set(record, name, 0.02f, c);
    }
    Set(record, "bpfo_order", 3.57f, c);
    Set(record, "bpfi_order", 5.41f, c);
    Set(record, "ball_order", 4.70f, c);
    Set(record, "bearing_index", 0, c);
    Set(record, "kurtosis", 3.0f, c);
    Set(record, "velocity_rms_mm_s", 0.9f, c);
    Set(record, "order_1x_mm_s", 0.7f, c);
    Set(record, "order_2x_mm_s", 0.2f, c);
    Set(record, "order_3x_mm_s", 0.1f, c);
    Set(record, "order_4x_mm_s", 0.05f, c);
    Set(record, "order_5x_mm_s", 0.05f, c);
    Set(record, "order_0_5x_mm_s", 0.01f, c);
    Set(record, "line_2x_mm_s", 0.1f, c);
  }
  return record;
}

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

const RankedFault& Ranked(const Diagnosis& diagnosis, Fault fault) {
  for (const RankedFault& ranked : diagnosis.ranking) {
    if (ranked.fault == fault) return ranked;
  }
  ADD_FAILURE() << FaultName(fault) << " is not in the ranking";
  return diagnosis.ranking.front();
}

void ExpectConsistent(const Diagnosis& diagnosis) {
  double sum = 0;
  for (size_t i = 0; i < diagnosis.ranking.size(); ++i) {
    sum += diagnosis.ranking[i].probability;
    if (i > 0) {
      EXPECT_LE(diagnosis.ranking[i].probability, diagnosis.ranking[i - 1].probability);
    }
    for (const Evidence& evidence : diagnosis.ranking[i].evidence) {
      EXPECT_FALSE(evidence.text.empty());
      EXPECT_THAT(evidence.text, testing::Not(HasSubstr("nan")));
    }
  }
  EXPECT_NEAR(sum, 1.0, 1e-5);
  EXPECT_EQ(diagnosis.verdict, diagnosis.ranking.front().fault);
  EXPECT_EQ(diagnosis.confidence, diagnosis.ranking.front().probability);
  const bool undecided =
      diagnosis.verdict == Fault::kAbstain || diagnosis.verdict == Fault::kUnscorable;
  EXPECT_EQ(diagnosis.reason.empty(), !undecided);
  EXPECT_EQ(diagnosis.remedy.empty(), !undecided);
}

TEST(Diagnose, CallsAQuietMachineHealthy) {
  const Diagnosis diagnosis = Diagnose(Quiet(), Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kHealthy);
  EXPECT_GT(diagnosis.confidence, 0.8);
}

TEST(Diagnose, CallsTheBearingFamilyThatStandsOutAndModulates) {
  struct Case {
    Fault fault;
    std::string_view family;
  };
  for (const Case& c : {Case{Fault::kOuterRace, "bpfo"}, Case{Fault::kInnerRace, "bpfi"},
                        Case{Fault::kBall, "ball"}}) {
    SCOPED_TRACE(std::string(FaultName(c.fault)));
    features::FeatureVector record = Quiet(2);
    Set(record, std::string(c.family) + "_existence", 8.3f, 1);
    Set(record, std::string(c.family) + "_depth", 0.41f, 1);
    const Diagnosis diagnosis = Diagnose(record, Motor());
    ExpectConsistent(diagnosis);
    EXPECT_EQ(diagnosis.verdict, c.fault);
    EXPECT_EQ(diagnosis.bearing_ranking[0], c.fault);
    EXPECT_EQ(diagnosis.ranking[0].evidence[0].channel, 1);
  }
}

TEST(Diagnose, TellsTheEvidenceInWordsThatStandAlone) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfi_existence", 8.3f);
  Set(record, "bpfi_depth", 0.41f);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  const Evidence& evidence = diagnosis.ranking[0].evidence[0];
  EXPECT_EQ(evidence.text,
            "inner-race lines BPFI of drive end 6205 at 133.4 Hz (5.41 x shaft): existence 8.3, "
            "limit 2.5");
  EXPECT_EQ(evidence.feature, "bpfi_existence");
  EXPECT_FLOAT_EQ(evidence.value, 8.3f);
  EXPECT_FLOAT_EQ(evidence.limit, 2.5f);
  EXPECT_NEAR(evidence.frequency_hz, 5.41 * 1480 / 60, 1e-3);
  EXPECT_TRUE(evidence.supports);
}

TEST(Diagnose, TakesLinesWithoutDepthOrImpactsForNoDamage) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfo_existence", 11.0f);
  Set(record, "bpfo_depth", 0.1f);
  Set(record, "kurtosis", 3.4f);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  EXPECT_EQ(diagnosis.verdict, Fault::kHealthy);
  EXPECT_EQ(diagnosis.bearing_ranking[0], Fault::kOuterRace);
  const RankedFault& outer = Ranked(diagnosis, Fault::kOuterRace);
  EXPECT_TRUE(outer.evidence[0].supports);
  EXPECT_FALSE(outer.evidence[1].supports);
  EXPECT_FALSE(outer.evidence[2].supports);
}

TEST(Diagnose, PointsToABallWhereImpactsAreNotModulatedByARace) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfi_existence", 7.0f);
  Set(record, "kurtosis", 9.8f);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  EXPECT_EQ(diagnosis.verdict, Fault::kBall);
  EXPECT_EQ(diagnosis.bearing_ranking[0], Fault::kBall);
  EXPECT_EQ(diagnosis.bearing_ranking[1], Fault::kInnerRace);
  Set(record, "bpfi_depth", 0.5f);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kInnerRace);
}

TEST(Diagnose, AbstainsOnImpactsThatNothingExplains) {
  features::FeatureVector record = Quiet();
  Set(record, "kurtosis", 14.0f);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("kurtosis 14.0"));
}

TEST(Diagnose, KnowsShaftFaultsByTheirOrders) {
  struct Case {
    Fault fault;
    std::vector<std::pair<std::string_view, float>> lines;
  };
  for (const Case& c :
       {Case{Fault::kUnbalance, {{"order_1x_mm_s", 3.5f}, {"order_2x_mm_s", 0.4f}}},
        Case{Fault::kMisalignment, {{"order_1x_mm_s", 1.2f}, {"order_2x_mm_s", 2.2f}}},
        Case{Fault::kLooseness,
             {{"order_0_5x_mm_s", 0.8f},
              {"order_1x_mm_s", 1.5f},
              {"order_2x_mm_s", 1.2f},
              {"order_3x_mm_s", 1.0f},
              {"order_4x_mm_s", 0.9f}}},
        Case{Fault::kElectrical, {{"line_2x_mm_s", 2.5f}}},
        Case{Fault::kHealthy, {{"order_1x_mm_s", 1.6f}}},
        Case{Fault::kHealthy, {{"order_2x_mm_s", 0.6f}}}}) {
    features::FeatureVector record = Quiet(2);
    for (const auto& [name, value] : c.lines) Set(record, name, value, 1);
    const Diagnosis diagnosis = Diagnose(record, Motor());
    ExpectConsistent(diagnosis);
    EXPECT_EQ(FaultName(diagnosis.verdict), FaultName(c.fault)) << c.lines[0].first;
  }
}

TEST(Diagnose, DoesNotTellTwiceLineFrequencyFromTwiceTheShaftOfATwoPoleMotor) {
  features::Machine machine = Motor();
  machine.pole_pairs = 1;
  features::FeatureVector record = Quiet();
  record.speed_rpm = 2975;
  Set(record, "order_2x_mm_s", 3.0f);
  Set(record, "line_2x_mm_s", 3.0f);
  const Diagnosis diagnosis = Diagnose(record, machine);
  EXPECT_NE(diagnosis.verdict, Fault::kMisalignment);
  EXPECT_NE(diagnosis.verdict, Fault::kElectrical);
  EXPECT_THAT(Ranked(diagnosis, Fault::kMisalignment).evidence.back().text,
              HasSubstr("does not tell"));
}

TEST(Diagnose, KnowsAGearByItsSidebands) {
  features::FeatureVector record = Quiet();
  Set(record, "rms", 2.0f);
  Set(record, "gear_mesh_m_s2", 0.8f);
  Set(record, "gear_sideband_ratio", 0.9f);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kGear);
  Set(record, "gear_mesh_m_s2", 0.05f);  // sidebands of noise
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kHealthy);
}

TEST(Diagnose, AbstainsWhereTooLittleIsKnownAndSaysWhatToDo) {
  features::Machine no_bearings = Motor();
  no_bearings.bearings.clear();
  Diagnosis diagnosis = Diagnose(Quiet(), no_bearings);
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("bearing"));
  EXPECT_THAT(diagnosis.remedy, HasSubstr("catalogue"));

  features::FeatureVector record = BlankFeatures();
  record.quality = features::Bit(QualityFlag::kNoSpeed);
  diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.remedy, HasSubstr("speed_rpm"));

  record.quality = features::Bit(QualityFlag::kTooShortForLines);
  record.speed_rpm = 1480;
  EXPECT_THAT(Diagnose(record, Motor()).remedy, HasSubstr("turns"));
}

TEST(Diagnose, NamesAShaftFaultOfAMachineWhoseBearingsAreUnknown) {
  features::Machine machine = Motor();
  machine.bearings.clear();
  features::FeatureVector record = Quiet();
  Set(record, "order_1x_mm_s", 5.0f);
  EXPECT_EQ(Diagnose(record, machine).verdict, Fault::kUnbalance);
}

TEST(Diagnose, RefusesABrokenRecordWithReasonAndRemedy) {
  features::FeatureVector record = Quiet();
  record.quality = features::Bit(QualityFlag::kClipped);
  Set(record, "bpfo_existence", 12);
  Set(record, "bpfo_depth", 3);
  Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kUnscorable);
  EXPECT_THAT(diagnosis.reason, HasSubstr("clipped"));
  record.quality = features::Bit(QualityFlag::kStopped);
  diagnosis = Diagnose(record, Motor());
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("stood still"));
  record.quality = 0;
  record.values.pop_back();
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kUnscorable);
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

TEST(Diagnose, KnowsABearingByItsLinesInTheCurrent) {
  features::FeatureVector record = MotorCurrent();
  Set(record, "bearing_index", 0, 1);
  Set(record, "bearing_outer_db", 61, 1);
  Set(record, "bearing_outer_excess_db", 19, 1);
  Set(record, "bearing_inner_db", 80, 1);
  Set(record, "bearing_inner_excess_db", 4, 1);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kOuterRace);
  EXPECT_THAT(diagnosis.ranking[0].evidence[0].text, HasSubstr("drive end 6205"));
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
