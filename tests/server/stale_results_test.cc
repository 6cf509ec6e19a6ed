// Changes mark exactly the results that they touch, and scoring those again makes them good.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/baseline_store.h"
#include "db/partitions.h"
#include "db/relearning.h"
#include "db/stale_store.h"
#include "tests/server/rescore_server.h"

namespace auscult::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StaleResults : public RescoreServer {
 protected:
  StaleResults() {
    EXPECT_TRUE(plant_.connection()
                    .Execute("UPDATE point SET definition = '{\"channels\":[{\"quantity\":"
                             "\"QUANTITY_ACCELERATION\",\"unit\":\"m/s2\"}]}'")
                    .ok());
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&assets_service_);
    builder.RegisterService(&health_service_);
    plant_server_ = builder.BuildAndStart();
    const auto channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                             grpc::InsecureChannelCredentials());
    assets_ = v1::AssetService::NewStub(channel);
    health_ = v1::HealthService::NewStub(channel);
  }
  ~StaleResults() override { plant_server_->Shutdown(); }

  std::vector<v1::StaleResult> Listed() {
    v1::ListStaleResultsRequest request;
    request.set_parent("sites/s");
    request.set_page_size(1);
    v1::ListStaleResultsResponse page;
    std::vector<v1::StaleResult> all;
    do {
      EXPECT_TRUE(Call(&Stub::ListStaleResults, request, page).ok());
      all.insert(all.end(), page.results().begin(), page.results().end());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  void Update(const std::string& machine) {
    v1::UpdateAssetRequest request;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
        R"(name: "sites/s/assets/a" machine { )" + machine + " }", request.mutable_asset()));
    request.mutable_update_mask()->add_paths("machine");
    grpc::ClientContext context;
    v1::Asset asset;
    const grpc::Status status = assets_->UpdateAsset(&context, request, &asset);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  void Limit(float alarm) {
    v1::SetPointLimitsRequest request;
    request.mutable_limits()->set_name(PointName(0) + "/limits");
    v1::FeatureLimit& limit = *request.mutable_limits()->add_limits();
    limit.set_feature("velocity_rms_mm_s");
    limit.set_alarm(alarm);
    grpc::ClientContext context;
    v1::PointLimits limits;
    const grpc::Status status = health_->SetPointLimits(&context, request, &limits);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  db::PointKey Key(int point) const {
    return {plant_.point(point).asset_id, plant_.point(point).point_id};
  }

  AssetService assets_service_{&OpenGate(), &pool_, &directory_};
  db::ActiveClassifier active_;
  HealthService health_service_{Config{}, &OpenGate(), &pool_, &directory_, &baselines_, &active_};
  std::unique_ptr<grpc::Server> plant_server_;
  std::unique_ptr<v1::AssetService::Stub> assets_;
  std::unique_ptr<v1::HealthService::Stub> health_;
};

TEST_F(StaleResults, OfAMachineAreThoseOfItsPointsUntilTheChangeIsTakenBack) {
  Store(plant_.MakeSeries(0, 0, 20));
  Store(plant_.MakeSeries(1, 0, 10));
  EXPECT_THAT(Listed(), IsEmpty());
  Update("rated_speed_rpm: 1480");
  std::vector<v1::StaleResult> stale = Listed();
  ASSERT_THAT(stale, SizeIs(2));  // the third point has no record
  EXPECT_EQ(stale[0].point(), PointName(0));
  EXPECT_EQ(stale[0].reason(), v1::STALE_REASON_MACHINE);
  EXPECT_THAT(stale[0].detail(), HasSubstr("rated_speed_rpm: none -> 1480"));
  EXPECT_EQ(stale[0].record_count(), 20);
  EXPECT_TRUE(stale[0].needs_samples());
  EXPECT_EQ(stale[0].records_with_samples(), 0);
  EXPECT_EQ(stale[0].start_time().seconds(), HourOf(0).seconds());
  EXPECT_EQ(stale[1].record_count(), 10);
  // One mark, however often it changes.
  Update("rated_speed_rpm: 1490");
  EXPECT_THAT(Listed(), SizeIs(2));
  Update("");
  EXPECT_THAT(Listed(), IsEmpty());

  // What came between was judged by something else.
  Update("rated_speed_rpm: 1480");
  Store(plant_.MakeSeries(0, 20, 5));
  Update("");
  stale = Listed();
  ASSERT_THAT(stale, SizeIs(1));
  EXPECT_EQ(stale[0].record_count(), 5);
  EXPECT_EQ(stale[0].start_time().seconds(), HourOf(20).seconds());
  // And what was before it once more, by the next change.
  Update("rated_speed_rpm: 900");
  EXPECT_EQ(Listed().front().record_count(), 25);
}

TEST_F(StaleResults, OfLimitsAreThoseOfThePoint) {
  Store(plant_.MakeSeries(0, 0, 20));
  Store(plant_.MakeSeries(1, 0, 20));
  Limit(7);
  std::vector<v1::StaleResult> stale = Listed();
  ASSERT_THAT(stale, SizeIs(1));
  EXPECT_EQ(stale[0].reason(), v1::STALE_REASON_LIMITS);
  EXPECT_FALSE(stale[0].needs_samples());
  Limit(7);
  EXPECT_THAT(Listed(), SizeIs(1));
  // Zones of ISO 20816 are limits of every point.
  Update("rated_power_kw: 75 foundation: FOUNDATION_RIGID");
  stale = Listed();
  ASSERT_THAT(stale, SizeIs(2));
  EXPECT_EQ(stale[1].reason(), v1::STALE_REASON_LIMITS);
}

TEST_F(StaleResults, OfAModelAreAllAndScoringThemAgainMakesThemGood) {
  Store(plant_.MakeSeries(0, 0, 20));
  Store(plant_.MakeSeries(1, 0, 20));
  ASSERT_TRUE(
      db::MarkAllStale(plant_.connection(), db::StaleReason::kModel, "a", "b", "a -> b").ok());
  ASSERT_THAT(Listed(), SizeIs(2));
  EXPECT_EQ(Listed()[0].reason(), v1::STALE_REASON_MODEL);
  Limit(7);
  ASSERT_THAT(Listed(), SizeIs(3));
  Store(plant_.MakeSeries(2, 0, 20));
  jobs_.Start(1);
  v1::StartRescoreRequest request = Everything();
  request.mutable_plan()->set_only_stale(true);
  const v1::Rescore rescore = Done(request);
  EXPECT_EQ(rescore.progress().records_done(), 40);  // of the third point nothing is stale
  EXPECT_THAT(Listed(), SizeIs(3));
  v1::Rescore adopted;
  ASSERT_TRUE(Call(&Stub::AdoptRescore, rescore.name(), adopted).ok());
  EXPECT_THAT(Listed(), IsEmpty());
  ASSERT_TRUE(Call(&Stub::RevertRescore, rescore.name(), adopted).ok());
  EXPECT_THAT(Listed(), SizeIs(3));
}

TEST_F(StaleResults, OfABaselineAreThoseThatAnotherJudged) {
  // The change of condition is of now.
  ASSERT_TRUE(db::MakePartitionsAhead(plant_.connection(), 0).ok());
  Store(plant_.MakeSeries(0, 0, 100));
  const auto version = db::ActiveVersion(plant_.connection(), Key(0));
  ASSERT_EQ(*version, 1);
  const db::PointKey key = Key(0);
  ASSERT_TRUE(db::InTransaction(plant_.connection(), [&] {
                return db::RestartLearning(
                    plant_.connection(), std::span(&key, 1),
                    db::PlantOfPoints::kStartUs + 89 * db::PlantOfPoints::kHourUs, "worked on");
              }).ok());
  std::vector<v1::StaleResult> stale = Listed();
  ASSERT_THAT(stale, SizeIs(1));
  EXPECT_EQ(stale[0].reason(), v1::STALE_REASON_BASELINE);
  EXPECT_EQ(stale[0].record_count(), 10);
  ASSERT_TRUE(db::InTransaction(plant_.connection(), [&] {
                return db::ActivateBaseline(plant_.connection(), key, 1, "back");
              }).ok());
  EXPECT_THAT(Listed(), IsEmpty());
}

TEST_F(StaleResults, OfAnOlderFeatureSetAreFoundWhenTheyAreAskedFor) {
  Store(plant_.MakeSeries(0, 0, 20));
  ASSERT_TRUE(plant_.connection()
                  .Execute("UPDATE trend SET feature_set = 1 WHERE measured_at <"
                           " (SELECT min(measured_at) + interval '7 hours' FROM trend)")
                  .ok());
  const std::vector<v1::StaleResult> stale = Listed();
  ASSERT_THAT(stale, SizeIs(1));
  EXPECT_EQ(stale[0].reason(), v1::STALE_REASON_FEATURE_SET);
  EXPECT_EQ(stale[0].record_count(), 7);
  EXPECT_THAT(stale[0].detail(), HasSubstr("vibration/1 -> vibration/"));
}

}  // namespace
}  // namespace auscult::server
