#include "server/health_view.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "db/health_detail.h"
#include "server/detail_view.h"

namespace auscult::server {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kNow = 1'800'000'000 * kSecond;  // 2027-01-15 08:00 UTC

db::PointSummary AlarmedSummary() {
  db::PointSummary summary;
  summary.condition = models::Condition::kAlarm;
  summary.health = 23;
  summary.confidence = 0.85f;
  summary.zone = 3;
  summary.verdict = static_cast<int>(models::Fault::kInnerRace);
  summary.model_version = 2;
  summary.quality = features::Bit(features::QualityFlag::kNoSpeed);
  summary.since_us = kNow - 3600 * kSecond;
  summary.last_measured_at_us = kNow - 60 * kSecond;
  summary.record_count = 240;
  summary.detail =
      R"({"evidence":[{"text":"kurtosis 3.1","supports":false},)"
      R"({"text":"BPFI of drive end at 162.2 Hz","feature":"H/bpfi_depth","value":0.41,)"
      R"("limit":0.25,"frequency_hz":162.2,"order":5.42,"supports":true}],)"
      R"("contributions":[{"feature":"H/level_db","deviation":9.1,"rise":6.04}],)"
      R"("summary":"Alarm: inner race, 85 %: BPFI"})";
  return summary;
}

TEST(PointHealth, ShowsAllThatIsStored) {
  const v1::PointHealth health = PointHealthOf(AlarmedSummary(), 0, kNow);
  EXPECT_EQ(health.condition(), v1::CONDITION_ALARM);
  EXPECT_FLOAT_EQ(health.index(), 23);
  EXPECT_EQ(health.zone(), v1::ZONE_C);
  EXPECT_EQ(health.verdict(), v1::FAULT_INNER_RACE);
  EXPECT_EQ(health.model_version(), 2);
  EXPECT_EQ(health.record_count(), 240);
  ASSERT_EQ(health.quality_size(), 1);
  EXPECT_EQ(health.quality(0), "no_speed");
  EXPECT_EQ(health.since().seconds(), kNow / kSecond - 3600);
  ASSERT_EQ(health.evidence_size(), 2);
  EXPECT_FALSE(health.evidence(0).supports());
  EXPECT_FALSE(health.evidence(0).has_value());
  EXPECT_EQ(health.evidence(1).feature(), "H/bpfi_depth");
  EXPECT_FLOAT_EQ(health.evidence(1).limit(), 0.25f);
  EXPECT_FLOAT_EQ(health.evidence(1).order(), 5.42f);
  ASSERT_EQ(health.contributions_size(), 1);
  EXPECT_FLOAT_EQ(health.contributions(0).rise(), 6.04f);
}

TEST(PointHealth, HasNoDataBeforeTheFirstRecord) {
  const v1::PointHealth health = PointHealthOf(db::PointSummary(), 0, kNow);
  EXPECT_EQ(health.condition(), v1::CONDITION_NO_DATA);
  EXPECT_FALSE(health.has_index());
}

TEST(PointHealth, HasNoIndexWhereNothingCanBeSaid) {
  db::PointSummary summary = AlarmedSummary();
  summary.health = summary.confidence = std::numeric_limits<float>::quiet_NaN();
  const v1::PointHealth health = PointHealthOf(summary, 0, kNow);
  EXPECT_FALSE(health.has_index());
  EXPECT_EQ(health.confidence(), 0);
}

TEST(PointHealth, GoesStaleAfterThePatienceOfThePoint) {
  struct Case {
    int64_t stale_after_s, age_s;
    bool stale;
  };
  for (const auto& [stale_after_s, age_s, stale] :
       {Case{100, 100, false}, Case{100, 101, true}, Case{0, 3 * 86400, false},
        Case{0, 3 * 86400 + 1, true}}) {
    SCOPED_TRACE(age_s);
    db::PointSummary summary = AlarmedSummary();
    summary.last_measured_at_us = kNow - age_s * kSecond;
    const v1::PointHealth health = PointHealthOf(summary, stale_after_s, kNow);
    EXPECT_EQ(health.condition(), stale ? v1::CONDITION_STALE : v1::CONDITION_ALARM);
    EXPECT_EQ(health.since().seconds(), kNow / kSecond - (stale ? 1 : 3600));
  }
}

TEST(PointHealth, ReadsWhatTheWriterTellsOfTheOperation) {
  models::Health written;
  written.condition = models::Condition::kNormal;
  written.drift.outside_share = 0.25f;
  features::FeatureVector vector;
  vector.set_id = features::kVibrationSet;
  vector.channel_count = 1;
  vector.values.resize(features::FindFeatureSet(vector.set_id)->features.size());
  v1::PointHealth read;
  AddDetail(db::DescribeHealth(written, {}, vector, {}, {65, 65}).json, read);
  EXPECT_FLOAT_EQ(read.input_drift(), 0.25f);
  EXPECT_NE(read.summary(), "");
}

TEST(PointHealth, SurvivesADetailThatCannotBeRead) {
  for (const char* detail :
       {"{", "[]", "3", R"({"evidence":7,"contributions":[1,"x",{}]})",
        R"({"evidence":[{"text":5,"value":"x","supports":"no"}]})", R"({"summary":["x"]})"}) {
    SCOPED_TRACE(detail);
    db::PointSummary summary = AlarmedSummary();
    summary.detail = detail;
    const v1::PointHealth health = PointHealthOf(summary, 0, kNow);
    EXPECT_EQ(health.condition(), v1::CONDITION_ALARM);
    for (const v1::Evidence& evidence : health.evidence()) EXPECT_EQ(evidence.text(), "");
    EXPECT_EQ(health.summary(), "");
  }
}

TEST(PointHealth, OfAnAckIsThatOfTheOutcome) {
  db::Outcome outcome;
  outcome.health.condition = models::Condition::kLearning;
  outcome.health.index = std::numeric_limits<float>::quiet_NaN();
  outcome.health.verdict = models::Fault::kUnscorable;
  outcome.learning_progress = 0.5f;
  outcome.record_count = 30;
  const v1::PointHealth health = PointHealthOf(outcome);
  EXPECT_EQ(health.condition(), v1::CONDITION_LEARNING);
  EXPECT_FALSE(health.has_index());
  EXPECT_EQ(health.verdict(), v1::FAULT_UNSCORABLE);
  EXPECT_FLOAT_EQ(health.learning_progress(), 0.5f);
  EXPECT_FALSE(health.has_since());
}

NamedPointHealth PointIn(v1::Condition condition, float index, const std::string& name) {
  NamedPointHealth point{.name = name, .health = {}};
  point.health.set_condition(condition);
  if (index >= 0) point.health.set_index(index);
  return point;
}

TEST(AssetHealth, IsThatOfItsWorstCurrentPoint) {
  struct Case {
    std::vector<std::pair<v1::Condition, float>> points;
    v1::Condition condition;
    int worst;
  };
  const Case cases[] = {
      {{{v1::CONDITION_NORMAL, 97}, {v1::CONDITION_ALARM, 20}, {v1::CONDITION_ALERT, 10}},
       v1::CONDITION_ALARM,
       1},
      {{{v1::CONDITION_WATCH, 70}, {v1::CONDITION_WATCH, 60}}, v1::CONDITION_WATCH, 1},
      {{{v1::CONDITION_NORMAL, 97}, {v1::CONDITION_STALE, 5}}, v1::CONDITION_NORMAL, 0},
      {{{v1::CONDITION_UNSCORABLE, -1}, {v1::CONDITION_LEARNING, -1}}, v1::CONDITION_LEARNING, 1},
      {{{v1::CONDITION_LEARNING, -1}, {v1::CONDITION_NORMAL, 90}}, v1::CONDITION_NORMAL, 1},
      {{{v1::CONDITION_NO_DATA, -1}, {v1::CONDITION_STALE, 90}}, v1::CONDITION_STALE, 1},
      {{{v1::CONDITION_STALE, 90}, {v1::CONDITION_UNSCORABLE, -1}}, v1::CONDITION_UNSCORABLE, 1},
      {{{v1::CONDITION_NO_DATA, -1}}, v1::CONDITION_NO_DATA, 0},
  };
  for (const Case& test : cases) {
    std::vector<NamedPointHealth> points;
    for (const auto& [condition, index] : test.points) {
      points.push_back(PointIn(condition, index, "p" + std::to_string(points.size())));
    }
    const v1::AssetHealth health = AssetHealthOf(points);
    SCOPED_TRACE(health.summary());
    EXPECT_EQ(health.condition(), test.condition);
    EXPECT_EQ(health.worst_point(), "p" + std::to_string(test.worst));
    EXPECT_EQ(health.point_count(), static_cast<int>(points.size()));
    EXPECT_EQ(health.has_index(),
              test.points[test.worst].second >= 0 && test.condition != v1::CONDITION_STALE);
  }
}

TEST(AssetHealth, ALearningPointInABadIsoZoneDecidesBeforeANormalOne) {
  std::vector<NamedPointHealth> points = {PointIn(v1::CONDITION_NORMAL, 97, "good"),
                                          PointIn(v1::CONDITION_LEARNING, 20, "loud")};
  points[1].health.set_zone(v1::ZONE_D);
  EXPECT_EQ(AssetHealthOf(points).worst_point(), "loud");
}

TEST(AssetHealth, SaysInOneSentenceWhatIsWrongAndWhy) {
  db::PointSummary stale = AlarmedSummary();
  stale.last_measured_at_us = kNow - 5 * 86400 * kSecond;
  const v1::PointHealth alarm = PointHealthOf(AlarmedSummary(), 0, kNow);
  EXPECT_EQ(AssetHealthOf({{"p", alarm}}).summary(),
            "Inner-race damage: BPFI of drive end at 162.2 Hz; H/level_db is 9.1 scatters above "
            "its baseline (+6.0 dB); health 23, alarm since 2027-01-15 07:00 UTC");
  const std::vector<NamedPointHealth> three = {{"p", alarm},
                                               PointIn(v1::CONDITION_NO_DATA, -1, "q"),
                                               PointIn(v1::CONDITION_LEARNING, -1, "r")};
  EXPECT_TRUE(AssetHealthOf(three).summary().ends_with(
      "alarm since 2027-01-15 07:00 UTC; 1 of 3 points stale, 1 learning"));
  const v1::PointHealth old = PointHealthOf(stale, 0, kNow);
  EXPECT_EQ(AssetHealthOf({{"p", old}}).summary().substr(0, 71),
            "No record since 2027-01-10 08:00 UTC; before that: Inner-race damage: B");
  EXPECT_EQ(AssetHealthOf({PointIn(v1::CONDITION_NORMAL, 96.6f, "p")}).summary(),
            "No fault found; health 97");
  EXPECT_EQ(AssetHealthOf({}).summary(), "No measurement point");
}

TEST(AssetHealth, NamesTheZoneOrTheDepartureWhereNoFaultIsNamed) {
  NamedPointHealth point = PointIn(v1::CONDITION_ALARM, 20, "p");
  point.health.set_verdict(v1::FAULT_ABSTAIN);
  EXPECT_EQ(AssetHealthOf({point}).summary(), "Departs from its baseline; health 20, alarm");
  point.health.set_summary("Alarm: something that was stored.");
  EXPECT_EQ(AssetHealthOf({point}).summary(), "Something that was stored; health 20, alarm");
  point.health.set_zone(v1::ZONE_D);
  EXPECT_EQ(AssetHealthOf({point}).summary(),
            "Vibration in zone D of ISO 20816-3; health 20, alarm");
}

TEST(Urgency, PutsWhatIsNotKnownBetweenSickAndNormal) {
  const v1::Condition order[] = {
      v1::CONDITION_ALARM,    v1::CONDITION_ALERT,      v1::CONDITION_WATCH,
      v1::CONDITION_STALE,    v1::CONDITION_UNSCORABLE, v1::CONDITION_NO_DATA,
      v1::CONDITION_LEARNING, v1::CONDITION_STOPPED,    v1::CONDITION_NORMAL};
  for (size_t i = 1; i < std::size(order); ++i) EXPECT_LT(Urgency(order[i - 1]), Urgency(order[i]));
}

}  // namespace
}  // namespace auscult::server
