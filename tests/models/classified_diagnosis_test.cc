#include "models/classified_diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "models/classifier_inputs.h"
#include "models/point_model.h"
#include "models/score.h"
#include "tests/models/diagnosed.h"
#include "tests/models/made_classifier.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

using ::testing::HasSubstr;

const std::vector<Fault> kClasses = {Fault::kHealthy, Fault::kInnerRace, Fault::kOuterRace,
                                     Fault::kBall};

// A record of a motor in which an outer race stands out.
features::FeatureVector OuterRaceRecord() {
  features::FeatureVector record = BlankFeatures();
  record.speed_rpm = 1480;
  for (const char* name : {"bpfi_existence", "ball_existence", "cage_existence", "bpfi_depth",
                           "ball_depth", "cage_depth", "order_1x_mm_s", "order_2x_mm_s",
                           "order_3x_mm_s", "order_4x_mm_s", "order_5x_mm_s", "order_0_5x_mm_s"}) {
    Set(record, name, 0.05f);
  }
  Set(record, "bpfo_existence", 8);
  Set(record, "bpfo_depth", 0.8f);
  Set(record, "kurtosis", 7);
  Set(record, "velocity_rms_mm_s", 1);
  Set(record, "bearing_index", 0);
  Set(record, "bpfo_order", 3.58f);
  Set(record, "bpfi_order", 5.42f);
  Set(record, "ball_order", 4.71f);
  return record;
}

Diagnosis Scored(const features::FeatureVector& record, const Classifier& classifier) {
  const features::Machine machine = Motor();
  return ScoreRecord(record, {.machine = &machine, .classifier = &classifier}).diagnosis;
}

TEST(WithClassifier, ChoosesAmongTheFaultsThatItKnowsAndKeepsThePhysics) {
  const Classifier classifier = ConstantClassifier(kClasses, {0.1f, 0.8f, 0.05f, 0.05f});
  const features::FeatureVector record = OuterRaceRecord();
  ASSERT_EQ(Diagnose(record, Motor()).verdict, Fault::kOuterRace);
  const Diagnosis diagnosis = Scored(record, classifier);
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kInnerRace);
  EXPECT_EQ(diagnosis.bearing_ranking.front(), Fault::kInnerRace);
  const RankedFault& outer = Ranked(diagnosis, Fault::kOuterRace);
  ASSERT_GE(outer.evidence.size(), 2u);
  EXPECT_THAT(outer.evidence[0].text, HasSubstr("learnt classifier: outer_race"));
  EXPECT_FALSE(outer.evidence[0].supports);
  EXPECT_THAT(outer.evidence[1].text, HasSubstr("BPFO"));
}

TEST(WithClassifier, AbstainsWithItsReasonWhereItIsUnsure) {
  const Classifier classifier = ConstantClassifier(kClasses, {0.3f, 0.4f, 0.2f, 0.1f});
  const Diagnosis diagnosis = Scored(OuterRaceRecord(), classifier);
  ExpectConsistent(diagnosis);
  EXPECT_EQ(diagnosis.verdict, Fault::kAbstain);
  EXPECT_THAT(diagnosis.reason, HasSubstr("inner_race has a probability of 0.40"));
  EXPECT_EQ(diagnosis.bearing_ranking.front(), Fault::kInnerRace);
}

TEST(WithClassifier, LeavesAStructuralFaultToTheRules) {
  features::FeatureVector record = OuterRaceRecord();
  Set(record, "order_1x_mm_s", 9);
  Set(record, "velocity_rms_mm_s", 9);
  Set(record, "bpfo_existence", 0.5f);
  Set(record, "bpfo_depth", 0.01f);
  Set(record, "kurtosis", 3);
  ASSERT_EQ(Diagnose(record, Motor()).verdict, Fault::kUnbalance);
  for (const std::vector<float>& p : {std::vector<float>{0.98f, 0.01f, 0.005f, 0.005f},
                                      {0.01f, 0.97f, 0.01f, 0.01f},
                                      {0.3f, 0.3f, 0.2f, 0.2f}}) {
    const Diagnosis diagnosis = Scored(record, ConstantClassifier(kClasses, p));
    ExpectConsistent(diagnosis);
    EXPECT_EQ(diagnosis.verdict, Fault::kUnbalance);
  }
}

TEST(WithClassifier, IsConsistentWhateverRulesAndClassifierSay) {
  Random random(17);
  const features::Machine machine = Motor();
  for (int i = 0; i < 300; ++i) {
    features::FeatureVector record = OuterRaceRecord();
    for (float& value : record.values) {
      if (std::isfinite(value) && value > 0) value *= static_cast<float>(4 * random.Uniform());
    }
    Set(record, "order_1x_mm_s", static_cast<float>(6 * random.Uniform()));
    std::vector<float> p;
    float sum = 0;
    for (int c = 0; c < 4; ++c) {
      p.push_back(static_cast<float>(0.01 + random.Uniform() * random.Uniform()));
      sum += p.back();
    }
    for (float& one : p) one /= sum;
    const Classifier classifier =
        ConstantClassifier(kClasses, p, static_cast<float>(0.3 + 0.6 * random.Uniform()));
    const Diagnosis physics = Diagnose(record, machine);
    const Diagnosis diagnosis = Scored(record, classifier);
    ExpectConsistent(diagnosis);
    const Classification said = classifier.Classify(record, machine);
    const bool rules = physics.verdict != Fault::kHealthy && physics.verdict != Fault::kAbstain &&
                       !classifier.Knows(physics.verdict);
    if (rules) {
      EXPECT_EQ(diagnosis.verdict, physics.verdict);
    } else if (said.fault != Fault::kHealthy) {
      EXPECT_EQ(diagnosis.verdict, said.fault);
    }
  }
}

TEST(WithClassifier, SaysNothingOfRecordsThatItCannotJudge) {
  const Classifier classifier = ConstantClassifier(kClasses, {0.01f, 0.97f, 0.01f, 0.01f});
  features::FeatureVector stopped = OuterRaceRecord();
  stopped.quality = features::Bit(features::QualityFlag::kStopped);
  EXPECT_EQ(Scored(stopped, classifier).verdict, Fault::kAbstain);
  features::FeatureVector clipped = OuterRaceRecord();
  clipped.quality = features::Bit(features::QualityFlag::kClipped);
  EXPECT_EQ(Scored(clipped, classifier).verdict, Fault::kUnscorable);
  const features::FeatureVector blank = BlankFeatures();
  EXPECT_EQ(Scored(blank, classifier).verdict, Diagnose(blank, Motor()).verdict);
}

}  // namespace
}  // namespace auscult::models
