#include "models/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/diagnosed.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

using features::QualityFlag;
using testing::HasSubstr;

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
  Set(record, "gear_mesh_m_s2", 1.2f);
  Set(record, "gear_sideband_ratio", 0.9f);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kGear);
  Set(record, "gear_mesh_m_s2", 0.05f);  // sidebands of noise
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kHealthy);
}

TEST(Diagnose, KnowsAGearWithOneBadToothByAWeakerMesh) {
  features::FeatureVector record = Quiet();
  features::Machine machine = Motor();
  machine.gears = {{"wheel", 59, 0.4f}, {"pinion", 23, 1.0f}};
  Set(record, "rms", 2.0f);
  Set(record, "gear_mesh_m_s2", 0.8f);
  Set(record, "gear_sideband_ratio", 0.8f);
  Set(record, "gear_fm4", 4.0f);
  Set(record, "gear_index", 1.0f);
  EXPECT_EQ(Diagnose(record, machine).verdict, Fault::kHealthy);
  Set(record, "gear_fm4", 7.0f);
  const Diagnosis diagnosis = Diagnose(record, machine);
  EXPECT_EQ(diagnosis.verdict, Fault::kGear);
  EXPECT_THAT(Ranked(diagnosis, Fault::kGear).evidence.back().text, HasSubstr("pinion"));
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

TEST(Diagnose, IsLessSureWhereTheSpeedIsAndSaysSo) {
  features::FeatureVector record = Quiet();
  Set(record, "bpfi_existence", 6, 0);
  Set(record, "bpfi_depth", 0.6f, 0);
  const auto doubts = [](const Diagnosis& diagnosis) {
    int count = 0;
    for (const Evidence& evidence : diagnosis.ranking.front().evidence) {
      count += evidence.feature == "speed_confidence" && !evidence.supports ? 1 : 0;
    }
    return count;
  };
  float before = 1;
  for (const float confidence : {1.0f, 0.5f, 0.2f}) {
    SCOPED_TRACE(confidence);
    Set(record, "speed_confidence", confidence, 0);
    const Diagnosis diagnosis = Diagnose(record, Motor());
    EXPECT_EQ(diagnosis.verdict, Fault::kInnerRace);
    EXPECT_LT(diagnosis.confidence, before);
    before = diagnosis.confidence;
    EXPECT_EQ(doubts(diagnosis), confidence < 0.6f ? 1 : 0);
  }
}

TEST(Diagnose, TakesSilenceAtAGuessedSpeedForNoProofOfHealth) {
  features::FeatureVector record = Quiet();
  Set(record, "speed_confidence", 0.35f, 0);
  EXPECT_EQ(Diagnose(record, Motor()).verdict, Fault::kHealthy);
  Set(record, "speed_confidence", 0.2f, 0);
  const Diagnosis diagnosis = Diagnose(record, Motor());
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("speed"));
}

}  // namespace
}  // namespace auscult::models
