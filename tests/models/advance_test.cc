#include "models/advance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/learnt_point.h"

namespace auscult::models {
namespace {

using features::Zone;

Score LearningScore(Zone zone, Fault verdict = Fault::kHealthy) {
  Score score;
  score.scorable = true;
  score.zone = zone;
  score.peak_rise_db = features::kNotKnown;
  score.diagnosis.verdict = verdict;
  return score;
}

TEST(HealthIndex, IsThatOfTheDefinition) {
  struct Case {
    float severity, peak_rise_db;
    Zone zone;
    float index;
  };
  const float none = features::kNotKnown;
  for (const Case& c :
       {Case{0, 0, Zone::kUnknown, 100}, Case{3, 0, Zone::kUnknown, 75},
        Case{6, 3, Zone::kUnknown, 50}, Case{99, 20, Zone::kUnknown, 0},
        Case{6, 11.5f, Zone::kUnknown, 25}, Case{0, 0, Zone::kB, 80}, Case{0, 0, Zone::kC, 50},
        Case{0, 0, Zone::kD, 20}, Case{99, 20, Zone::kD, 0}, Case{none, none, Zone::kB, 80},
        Case{none, none, Zone::kA, 100}, Case{3, none, Zone::kA, 75}}) {
    EXPECT_NEAR(HealthIndex(c.severity, c.peak_rise_db, c.zone), c.index, 1e-4);
  }
  EXPECT_TRUE(std::isnan(HealthIndex(none, none, Zone::kUnknown)));
}

TEST(Advance, LearnsUntilABaselineIsDueAndAsksAgainAfterARefusal) {
  PointState state;
  const features::Machine machine;
  const features::FeatureVector record = BlankFeatures();
  const Score score = LearningScore(Zone::kUnknown);
  for (int i = 1; i <= 75; ++i) {
    Advanced advanced = Advance(state, score, record, i, {.machine = &machine});
    EXPECT_EQ(advanced.health.condition, Condition::kLearning);
    EXPECT_TRUE(std::isnan(advanced.health.index));
    const bool expected = i == 65 || i == 70 || i == 75;
    EXPECT_EQ(advanced.learn_from_records, expected ? 65 : 0) << "record " << i;
    state = advanced.state;
    if (expected) state = BaselineLearnt(state, i == 75);
  }
  EXPECT_EQ(state.condition, Condition::kNormal);
  EXPECT_EQ(state.fit_attempts, 0);
}

TEST(Advance, LetsTheZoneSpeakBeforeABaselineExists) {
  PointState state;
  const features::Machine machine;
  const features::FeatureVector record = BlankFeatures();
  const auto feed = [&](Zone zone) {
    Advanced advanced = Advance(state, LearningScore(zone), record, 0, {.machine = &machine});
    state = advanced.state;
    return advanced.health;
  };
  EXPECT_FLOAT_EQ(feed(Zone::kD).index, 20);
  EXPECT_EQ(feed(Zone::kD).condition, Condition::kLearning);
  EXPECT_EQ(feed(Zone::kD).condition, Condition::kAlarm);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(feed(Zone::kC).condition, Condition::kAlarm);
  EXPECT_EQ(feed(Zone::kC).condition, Condition::kAlert);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(feed(Zone::kA).condition, Condition::kAlert);
  EXPECT_EQ(feed(Zone::kA).condition, Condition::kLearning);
}

TEST(Advance, WatchesADepartureAndAlertsOnceTheEvidenceSuffices) {
  struct Case {
    float severity;
    Condition soon, later;
  };
  for (const Case& c : {Case{0, Condition::kNormal, Condition::kNormal},
                        Case{3.9f, Condition::kNormal, Condition::kNormal},
                        Case{4.1f, Condition::kWatch, Condition::kWatch},
                        Case{5.9f, Condition::kWatch, Condition::kWatch},
                        Case{6.1f, Condition::kWatch, Condition::kAlarm},
                        Case{7.5f, Condition::kWatch, Condition::kAlarm}}) {
    LearntPoint point;
    EXPECT_EQ(point.FeedMany(12, c.severity).condition, c.soon) << "S = " << c.severity;
    if (c.later == Condition::kAlarm) {
      point.FeedUntilAlert(c.severity);
      EXPECT_EQ(point.FeedMany(25, c.severity).condition, Condition::kAlert);
    }
    EXPECT_EQ(point.FeedMany(200, c.severity).condition, c.later) << "S = " << c.severity;
    EXPECT_NEAR(point.Feed(c.severity).severity, c.severity, 0.02);
  }
}

TEST(Advance, SaysWhatAskedAndHowFarTheEvidenceIs) {
  LearntPoint point;
  Health health = point.FeedMany(12, 7);
  EXPECT_EQ(health.asked.reason, Reason::kDeparture);
  EXPECT_FLOAT_EQ(health.asked.value, 7);
  EXPECT_LT(health.novelty.log_evidence, health.novelty.log_needed);
  health = point.FeedUntilAlert(7);
  EXPECT_EQ(health.asked.reason, Reason::kEvidence);
  EXPECT_GE(health.novelty.log_evidence, health.novelty.log_needed);
  EXPECT_FALSE(health.novelty.calibrated);  // 60 records of a window are not enough for a rate
  EXPECT_TRUE(LearntPoint().FeedMany(200, 1).novelty.calibrated);
  EXPECT_EQ(point.Feed(7, Zone::kD).asked.reason, Reason::kZone);
  Score limited = point.MakeScore(0, Zone::kA, Fault::kHealthy, 0);
  limited.limit = LimitReached{.value_index = 3, .value = 8, .limit = 7.5f, .alarm = true};
  LearntPoint other;
  for (int i = 0; i < 3; ++i) health = other.Feed(limited);
  EXPECT_EQ(health.condition, Condition::kAlarm);
  EXPECT_EQ(health.asked.reason, Reason::kUserLimit);
  EXPECT_EQ(health.asked.value_index, 3);
  EXPECT_FLOAT_EQ(health.asked.value, 8);
  EXPECT_FLOAT_EQ(health.asked.limit, 7.5f);
}

TEST(Advance, NeedsMoreEvidenceWhereRecordsComeMoreOften) {
  const auto records_until_alert = [](double rate) {
    LearntPoint point;
    point.policy.false_alarms_per_point_year = rate;
    int count = 1;
    while (RankOf(point.Feed(6.5f).condition) < kAlertRank && count < 1000) ++count;
    return count;
  };
  EXPECT_LT(records_until_alert(10), records_until_alert(0.1));
  EXPECT_LT(records_until_alert(0.1), records_until_alert(1e-4));
  EXPECT_LT(records_until_alert(1e-4), 300);
}

TEST(Advance, AlarmsOnASevereDepartureOfAFewBandsThatLeavesTheLevelAlone) {
  LearntPoint point;
  Score score = point.MakeScore(0, Zone::kUnknown, Fault::kHealthy, 0);
  const size_t last = score.deviations.size() - 1;
  for (size_t i = last - 2; i <= last; ++i) score.deviations[i] = 30;
  ASSERT_NE(point.baseline().learnt()[last - 2], IndexOf(point.record(), "level_db"));
  Health health;
  point.FeedMany(10, 0);
  // With the third the median of five follows, with the fifth the watch; no single decision alarms.
  for (int i = 0; i < 5; ++i) health = point.Feed(score);
  EXPECT_EQ(health.condition, Condition::kWatch);
  for (int i = 0; i < 30; ++i) health = point.Feed(score);
  EXPECT_EQ(health.condition, Condition::kAlarm);
}

TEST(Advance, TakesTheMedianOfFiveSoThatTwoWildRecordsDoNothing) {
  LearntPoint point;
  point.FeedMany(10, 0.5f);
  point.FeedMany(2, 300);
  const Health health = point.FeedMany(3, 0.5f);
  EXPECT_NEAR(health.severity, 0.5, 0.02);
  EXPECT_EQ(health.condition, Condition::kNormal);
  EXPECT_EQ(point.changes(), 0);
}

TEST(Advance, AlarmsAtOnceWhenTheLevelJumpsForMostOfFiveRecords) {
  LearntPoint point;
  point.FeedMany(10, 0.5f);
  EXPECT_EQ(point.FeedMany(2, 40).condition, Condition::kNormal);
  EXPECT_EQ(point.Feed(40).condition, Condition::kAlarm);
  EXPECT_EQ(point.changes(), 1);
}

TEST(Advance, DoesNotFlapAroundALimit) {
  LearntPoint point;
  Random random(4);
  for (int i = 0; i < 400; ++i) {
    point.Feed(static_cast<float>(6 + 0.9 * random.Normal()));
  }
  EXPECT_LE(point.changes(), 3);
}

TEST(Advance, GoesBackOnlyAfterTenMildRecords) {
  LearntPoint point;
  point.FeedUntilAlert(7.5f);
  ASSERT_EQ(point.state().condition, Condition::kAlert);
  // The first two leave the median of five where it was.
  EXPECT_EQ(point.FeedMany(11, 0).condition, Condition::kAlert);
  EXPECT_EQ(point.Feed(0).condition, Condition::kNormal);
  // What has fallen back has to be proven again.
  EXPECT_EQ(point.FeedMany(12, 7.5f).condition, Condition::kWatch);
}

TEST(Advance, HoldsTheConditionInsideTheHysteresis) {
  LearntPoint point;
  point.FeedUntilAlert(6.5f);
  EXPECT_EQ(point.FeedMany(40, 5.2f).condition, Condition::kAlert);
  EXPECT_EQ(point.FeedMany(40, 4.5f).condition, Condition::kWatch);
  EXPECT_EQ(point.FeedMany(40, 3.2f).condition, Condition::kWatch);
  EXPECT_EQ(point.FeedMany(40, 2.0f).condition, Condition::kNormal);
}

TEST(Advance, IsMovedByNothingThatIsNotScorable) {
  LearntPoint point;
  point.FeedMany(12, 6.5f);
  const std::string before = point.state().Serialize();
  Score score = point.MakeScore(300, Zone::kD, Fault::kUnscorable, 60);
  score.scorable = false;
  features::FeatureVector broken = point.record();
  broken.quality = features::Bit(features::QualityFlag::kClipped);
  const Advanced aside = Advance(point.state(), score, broken, 0, point.model());
  EXPECT_EQ(aside.health.condition, Condition::kUnscorable);
  EXPECT_TRUE(std::isnan(aside.health.index));
  EXPECT_EQ(aside.state.Serialize(), before);

  features::FeatureVector stopped = point.record();
  stopped.quality = features::Bit(features::QualityFlag::kStopped);
  const Advanced advanced = Advance(point.state(), score, stopped, 0, point.model());
  EXPECT_EQ(advanced.health.condition, Condition::kStopped);
  EXPECT_EQ(advanced.state.condition, point.state().condition);
  EXPECT_EQ(advanced.state.recent, point.state().recent);
}

TEST(Advance, TakesNoEvidenceFromOutsideWhatWasLearnt) {
  LearntPoint point;
  point.FeedUntilAlert(6.5f);
  Score outside = point.MakeScore(0, Zone::kUnknown, Fault::kHealthy, 0);
  outside.outside_learnt = {OutsideLearnt::Quantity::kSpeedRpm, 900, 1400, 1600};
  Health health;
  for (int i = 0; i < 30; ++i) health = point.Feed(outside);
  EXPECT_EQ(Describe(health.outside_learnt), "speed 900 rpm, learnt 1400 to 1600 rpm");
  EXPECT_GT(health.drift.outside_share, 0.3);
  EXPECT_EQ(health.condition, Condition::kAlert);
  EXPECT_NEAR(health.severity, 6.5, 0.02);
}

TEST(Advance, WatchesAFaultThatPhysicsInsistsOnAndAlertsWithAMildDeparture) {
  LearntPoint point;
  EXPECT_EQ(point.FeedMany(20, 1, Zone::kUnknown, Fault::kInnerRace).condition, Condition::kWatch);
  const Health health = point.FeedMany(20, 4.5f, Zone::kUnknown, Fault::kInnerRace);
  EXPECT_EQ(health.condition, Condition::kAlert);
  EXPECT_EQ(health.verdict, Fault::kInnerRace);
  EXPECT_FLOAT_EQ(health.confidence, 0.8f);
}

TEST(Advance, CallsADepartureThatNoRuleNamesOther) {
  LearntPoint point;
  EXPECT_EQ(point.FeedMany(5, 1).verdict, Fault::kHealthy);
  EXPECT_EQ(point.FeedUntilAlert(7.9f).verdict, Fault::kOther);
}

TEST(Advance, CapsTheIndexByTheZone) {
  LearntPoint point;
  EXPECT_FLOAT_EQ(point.FeedMany(8, 0, Zone::kA).index, 100);
  EXPECT_FLOAT_EQ(point.Feed(0, Zone::kB).index, 80);
  EXPECT_FLOAT_EQ(point.Feed(0, Zone::kC).index, 50);
  EXPECT_EQ(point.FeedMany(2, 0, Zone::kC).condition, Condition::kAlert);
}

TEST(Advance, NamesTheLargestContributionsInTheirOwnUnit) {
  LearntPoint point;
  Score score = point.MakeScore(1, Zone::kUnknown, Fault::kHealthy, 0);
  score.deviations[3] = 8;
  score.deviations[7] = 5;
  Health health;
  for (int i = 0; i < 5; ++i) health = point.Feed(score);
  ASSERT_EQ(health.contributions.size(), 5u);
  EXPECT_EQ(health.contributions[0].value_index, point.baseline().learnt()[3]);
  EXPECT_EQ(health.contributions[1].value_index, point.baseline().learnt()[7]);
  EXPECT_FLOAT_EQ(health.contributions[0].deviation, 8);
  EXPECT_FLOAT_EQ(health.contributions[0].rise, 8 * point.baseline().Scatter(3));
  EXPECT_NEAR(health.severity, (8 + 5 + 1) / 3.0, 1e-4);
}

TEST(Advance, JudgesALateRecordByItself) {
  LearntPoint point;
  const Score score = point.MakeScore(7, Zone::kB, Fault::kOuterRace, 0);
  const Health health = HealthOfLateRecord(score, point.record(), point.model());
  EXPECT_EQ(health.condition, Condition::kWatch);  // one record is no evidence for more
  EXPECT_EQ(health.verdict, Fault::kOuterRace);
  EXPECT_FLOAT_EQ(health.severity, 7);
  EXPECT_EQ(health.zone, Zone::kB);
  const features::Machine machine;
  const Health learning =
      HealthOfLateRecord(LearningScore(Zone::kUnknown), point.record(), {.machine = &machine});
  EXPECT_EQ(learning.condition, Condition::kLearning);
  EXPECT_TRUE(std::isnan(learning.index));
}

}  // namespace
}  // namespace auscult::models
