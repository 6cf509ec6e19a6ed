#include "db/health_detail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace auscult::db {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

features::FeatureVector Vector(int channel_count) {
  features::FeatureVector vector;
  vector.set_id = features::kVibrationSet;
  vector.channel_count = channel_count;
  vector.values.resize(features::FindFeatureSet(vector.set_id)->features.size() *
                       static_cast<size_t>(channel_count));
  return vector;
}

models::Evidence MakeEvidence() {
  return {.text = "line BPFO at 91.5 Hz",
          .feature = "kurtosis",
          .channel = 1,
          .value = 8.3f,
          .limit = kNan,
          .frequency_hz = 91.5f,
          .order = std::numeric_limits<float>::infinity()};
}

models::Health OuterRace() {
  models::Health health;
  health.condition = models::Condition::kAlert;
  health.verdict = models::Fault::kOuterRace;
  health.confidence = 0.87f;
  const auto per_channel =
      static_cast<int>(features::FindFeatureSet(features::kVibrationSet)->features.size());
  health.contributions = {{per_channel + 13, 7.25f, 5.1f}};
  return health;
}

models::Score OuterRaceScore() {
  models::Score score;
  score.diagnosis.ranking = {{models::Fault::kBall, 0.9f, {}},
                             {models::Fault::kOuterRace, 0.1f, {MakeEvidence()}}};
  return score;
}

TEST(HealthDetail, IsTheAgreedJson) {
  const std::string ids[] = {"H", "V"};
  const HealthDetail detail =
      DescribeHealth(OuterRace(), OuterRaceScore(), Vector(2), ids, {65, 65});
  EXPECT_EQ(
      detail.json,
      R"({"contributions":[{"deviation":7.25,"feature":"V/level_db","rise":5.1}],)"
      R"("evidence":[{"feature":"V/kurtosis","frequency_hz":91.5,"supports":true,)"
      R"("text":"line BPFO at 91.5 Hz","value":8.3}],)"
      R"("summary":"Alert: outer race, 87 %: line BPFO at 91.5 Hz; V/level_db is 7.2 scatters )"
      R"json(above its baseline (+5.1 dB)"})json");
}

TEST(HealthDetail, SaysWhichLimitOfTheUserIsReached) {
  const std::string ids[] = {"H", "V"};
  models::Score score = OuterRaceScore();
  const features::FeatureSet& set = *features::FindFeatureSet(features::kVibrationSet);
  const auto per_channel = static_cast<int>(set.features.size());
  score.limit = {.value_index = per_channel + features::FeatureIndex(set, "velocity_rms_mm_s"),
                 .value = 5.25f,
                 .limit = 4.5f,
                 .alarm = true};
  const HealthDetail detail = DescribeHealth(OuterRace(), score, Vector(2), ids, {});
  EXPECT_THAT(detail.json, HasSubstr(R"({"feature":"V/velocity_rms_mm_s","limit":4.5,)"));
  EXPECT_THAT(detail.summary, HasSubstr("; V/velocity_rms_mm_s is 5.25 mm/s, its alarm limit is "
                                        "4.5 mm/s"));
}

TEST(HealthDetail, NamesNoChannelWhereThereIsOne) {
  models::Health health = OuterRace();
  health.contributions[0].value_index = 13;
  const HealthDetail detail = DescribeHealth(health, OuterRaceScore(), Vector(1), {}, {});
  EXPECT_THAT(detail.json, HasSubstr(R"("feature":"level_db")"));
}

TEST(HealthDetail, NumbersChannelsWithoutAName) {
  const HealthDetail detail = DescribeHealth(OuterRace(), OuterRaceScore(), Vector(2), {}, {});
  EXPECT_THAT(detail.json, HasSubstr(R"("feature":"1/level_db")"));
}

TEST(HealthDetail, HoldsNoNumberThatJsonDoesNotKnow) {
  models::Health health = OuterRace();
  health.contributions = {{13, kNan, kNan}};
  const HealthDetail detail = DescribeHealth(health, OuterRaceScore(), Vector(1), {}, {});
  EXPECT_THAT(detail.json, Not(HasSubstr("null")));
  EXPECT_THAT(detail.json, Not(HasSubstr("nan")));
  EXPECT_THAT(detail.json, Not(HasSubstr("inf")));
}

TEST(HealthDetail, SurvivesAChannelIdThatIsNoText) {
  const std::string ids[] = {"\xff", "\xc3"};
  const HealthDetail detail = DescribeHealth(OuterRace(), OuterRaceScore(), Vector(2), ids, {});
  EXPECT_THAT(detail.json, HasSubstr("\xef\xbf\xbd"));
}

TEST(HealthDetail, SaysOneSentenceForEveryCondition) {
  models::Health health;
  models::Score score;
  const auto say = [&] { return DescribeHealth(health, score, Vector(1), {}, {12, 65}).summary; };
  EXPECT_EQ(say(), "Learning: 12 of 65 records");
  health.condition = models::Condition::kNormal;
  EXPECT_EQ(say(), "Normal: nothing departs from the baseline");
  health.zone = features::Zone::kC;
  EXPECT_EQ(say(), "Normal: vibration in zone C of ISO 20816");
  health.condition = models::Condition::kStopped;
  EXPECT_EQ(say(), "Stopped: the machine stands still");
  health.condition = models::Condition::kUnscorable;
  score.diagnosis.reason = "clipped: the sensor is overdriven";
  score.diagnosis.remedy = "choose a larger range";
  EXPECT_EQ(say(), "Unscorable: clipped: the sensor is overdriven; choose a larger range");
}

TEST(HealthDetail, IsKeptWhereThereIsSomethingToSay) {
  models::Health health;
  EXPECT_FALSE(IsWorthDetail(health));
  health.condition = models::Condition::kNormal;
  health.verdict = models::Fault::kHealthy;
  EXPECT_FALSE(IsWorthDetail(health));
  health.verdict = models::Fault::kGear;
  EXPECT_TRUE(IsWorthDetail(health));
  health.verdict = models::Fault::kAbstain;
  health.condition = models::Condition::kWatch;
  EXPECT_TRUE(IsWorthDetail(health));
}

}  // namespace
}  // namespace auscult::db
