#include "server/process_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/random.h"
#include "server/fleet_health.h"
#include "server/health_view.h"
#include "tests/server/ingest_fixture.h"

namespace auscult::server {
namespace {

using testing::HasSubstr;

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kDayUs = 86'400 * kSecondUs;

db::ProcessSummary Alarmed(int64_t now_us) {
  db::ProcessSummary summary;
  summary.condition = models::Condition::kAlarm;
  summary.health = 12.5f;
  summary.since_us = now_us - 600 * kSecondUs;
  summary.last_measured_at_us = now_us - kSecondUs;
  summary.model_version = 1;
  summary.learning_progress = 1;
  summary.detail =
      R"json({"contributions":[{"feature":"flow_m3h","deviation":-9.5,"rise":-2.5}],)json"
      R"json("summary":"Alarm: flow_m3h is 2.5 below the 32 that were learnt (9.5 scatters)"})json";
  return summary;
}

TEST(ProcessView, ShowsWhatIsStored) {
  const int64_t now_us = NowUs();
  const v1::ProcessHealth health = ProcessHealthOf(Alarmed(now_us), now_us);
  EXPECT_EQ(health.condition(), v1::CONDITION_ALARM);
  EXPECT_FLOAT_EQ(health.index(), 12.5f);
  ASSERT_EQ(health.contributions_size(), 1);
  EXPECT_EQ(health.contributions(0).feature(), "flow_m3h");
  EXPECT_FLOAT_EQ(health.contributions(0).deviation(), -9.5f);
  EXPECT_FLOAT_EQ(health.contributions(0).rise(), -2.5f);
  EXPECT_THAT(health.summary(), HasSubstr("below the 32"));
  EXPECT_EQ(ProcessHealthOf(Alarmed(now_us), now_us + 4 * kDayUs).condition(), v1::CONDITION_STALE);
  EXPECT_EQ(ProcessHealthOf(Alarmed(now_us), 0).condition(), v1::CONDITION_ALARM);
  EXPECT_EQ(ProcessHealthOf({}, now_us).condition(), v1::CONDITION_NO_DATA);
}

v1::AssetHealth WithPoint(v1::Condition condition) {
  NamedPointHealth point;
  point.name = "p";
  point.health.set_condition(condition);
  point.health.set_index(90);
  return AssetHealthOf({point});
}

TEST(ProcessView, DecidesTheAssetWhereItIsWorseThanThePoints) {
  const v1::ProcessHealth alarm = ProcessHealthOf(Alarmed(NowUs()), NowUs());
  for (const v1::Condition condition :
       {v1::CONDITION_NORMAL, v1::CONDITION_ALERT, v1::CONDITION_LEARNING, v1::CONDITION_STALE}) {
    v1::AssetHealth health = WithPoint(condition);
    AddProcess(alarm, health);
    EXPECT_EQ(health.condition(), v1::CONDITION_ALARM);
    EXPECT_FLOAT_EQ(health.index(), 12.5f);
    EXPECT_EQ(health.worst_point(), "");
    EXPECT_THAT(health.summary(), HasSubstr("flow_m3h"));
    EXPECT_EQ(health.process().condition(), v1::CONDITION_ALARM);
  }
  v1::AssetHealth worse = WithPoint(v1::CONDITION_ALARM);
  v1::ProcessHealth watch = alarm;
  watch.set_condition(v1::CONDITION_WATCH);
  AddProcess(watch, worse);
  EXPECT_EQ(worse.worst_point(), "p");
  EXPECT_EQ(worse.process().condition(), v1::CONDITION_WATCH);
}

TEST(ProcessView, NeverHidesASilentPointBehindANormalProcess) {
  v1::ProcessHealth normal = ProcessHealthOf(Alarmed(NowUs()), NowUs());
  normal.set_condition(v1::CONDITION_NORMAL);
  v1::AssetHealth stale = WithPoint(v1::CONDITION_STALE);
  AddProcess(normal, stale);
  EXPECT_EQ(stale.condition(), v1::CONDITION_STALE);
  v1::AssetHealth without_points = AssetHealthOf({});
  AddProcess(normal, without_points);
  EXPECT_EQ(without_points.condition(), v1::CONDITION_NORMAL);
}

v1::IngestReadingsRequest PumpReadings(int64_t first_us, int first, int count, double flow) {
  v1::IngestReadingsRequest request;
  request.set_parent(kTestAsset);
  for (int i = first; i < first + count; ++i) {
    models::Random random(static_cast<uint64_t>(i));
    for (const auto& [quantity, value] : {std::pair("flow_m3h", flow + random.Normal() / 3),
                                          {"pressure_bar", 2 + random.Normal() / 10}}) {
      v1::Reading& reading = *request.add_readings();
      reading.set_quantity(quantity);
      SetTimeUs(reading.mutable_measured_at(), first_us + i * kSecondUs);
      reading.set_value(value);
    }
  }
  return request;
}

TEST(ProcessView, FollowsAPumpFromItsReadingsToTheHealthOfItsAsset) {
  IngestServer server;
  const int64_t first_us = NowUs() - 3600 * kSecondUs;
  const auto send = [&](int first, int count, double flow) {
    grpc::ClientContext context;
    v1::IngestReadingsResponse response;
    const grpc::Status status = server.NewStub()->IngestReadings(
        &context, PumpReadings(first_us, first, count, flow), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.health();
  };
  EXPECT_EQ(send(0, 100, 32).condition(), v1::CONDITION_LEARNING);
  EXPECT_EQ(send(100, 500, 32).condition(), v1::CONDITION_NORMAL);
  const v1::ProcessHealth ill = send(600, 200, 29);
  EXPECT_EQ(ill.condition(), v1::CONDITION_ALARM);
  ASSERT_GT(ill.contributions_size(), 0);
  EXPECT_EQ(ill.contributions(0).feature(), "flow_m3h");
  EXPECT_NEAR(ill.contributions(0).rise(), -3, 0.6);

  const auto connection = server.Connect();
  const auto asset = db::GetAsset(*connection, "s", "a");
  ASSERT_TRUE(asset.ok());
  const auto fleet = FleetHealth::Load(*connection, "s", "");
  ASSERT_TRUE(fleet.ok()) << fleet.status();
  const v1::AssetHealth health = fleet->Of(asset->asset_id);
  EXPECT_EQ(health.condition(), v1::CONDITION_ALARM);
  EXPECT_THAT(health.summary(), HasSubstr("Process readings: Alarm: flow_m3h is "));
  EXPECT_EQ(health.process().model_version(), 1);
}

}  // namespace
}  // namespace auscult::server
