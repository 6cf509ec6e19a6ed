#include "server/maintenance_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/health_plant.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class MaintenanceCalls : public HealthPlant {
 protected:
  grpc::Status Record(const v1::RecordMaintenanceRequest& request, v1::Maintenance& response) {
    return Call(&HealthStub::RecordMaintenance, request, response);
  }
  static v1::RecordMaintenanceRequest Replaced() {
    return Parsed<v1::RecordMaintenanceRequest>(
        "asset: 'sites/a/assets/pump' maintenance { description: 'bearing replaced' }");
  }
  v1::Maintenance Done(const v1::RecordMaintenanceRequest& request) {
    v1::Maintenance response;
    const grpc::Status status = Record(request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::ListMaintenanceResponse List(const std::string& text = "") {
    auto request = Parsed<v1::ListMaintenanceRequest>(text);
    request.set_parent(kAsset);
    v1::ListMaintenanceResponse response;
    const grpc::Status status = Call(&HealthStub::ListMaintenance, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
};

TEST_F(MaintenanceCalls, RefusesWhatCannotHaveHappened) {
  v1::Maintenance response;
  auto request = Replaced();
  request.set_asset("sites/a");
  ExpectRefused(Record(request, response), StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "asset");
  request.set_asset("sites/a/assets/fan");
  ExpectRefused(Record(request, response), StatusCode::NOT_FOUND, "UNKNOWN_ASSET", "asset");

  request = Replaced();
  request.mutable_maintenance()->clear_description();
  ExpectRefused(Record(request, response), StatusCode::INVALID_ARGUMENT, "MISSING_FIELD",
                "maintenance.description");
  request.mutable_maintenance()->set_description(std::string(4001, 'x'));
  ExpectRefused(Record(request, response), StatusCode::INVALID_ARGUMENT, "TEXT_TOO_LONG",
                "maintenance.description");

  request = Replaced();
  google::protobuf::Timestamp& at = *request.mutable_maintenance()->mutable_performed_at();
  at.set_seconds(NowUs() / 1'000'000 + 400);
  ExpectRefused(Record(request, response), StatusCode::INVALID_ARGUMENT, "FUTURE_TIME",
                "maintenance.performed_at");
  at.set_seconds(0);
  ExpectRefused(Record(request, response), StatusCode::INVALID_ARGUMENT, "ANCIENT_TIME",
                "maintenance.performed_at");
  at.set_nanos(-1);
  ExpectRefused(Record(request, response), StatusCode::INVALID_ARGUMENT, "BAD_TIME",
                "maintenance.performed_at");

  request = Replaced();
  request.mutable_maintenance()->add_points(kPoint);
  request.mutable_maintenance()->add_points("sites/a/assets/fan/points/de");
  ExpectRefused(Record(request, response), StatusCode::INVALID_ARGUMENT, "OTHER_PARENT",
                "maintenance.points[1]");
  request.mutable_maintenance()->set_points(1, "sites/a/assets/pump/points/motor");
  ExpectRefused(Record(request, response), StatusCode::NOT_FOUND, "UNKNOWN_POINT",
                "maintenance.points");
  EXPECT_EQ(List().maintenance_size(), 0);
}

TEST_F(MaintenanceCalls, MakeThePointsLearnAnewFromWhatComesAfter) {
  EXPECT_EQ(WriteSeries(kPoint, 0, 100).model_version, 1);
  WriteSeries(kOther, 0, 70);
  auto request = Replaced();
  request.mutable_maintenance()->set_actor("Ada");
  request.mutable_maintenance()->set_work_order("4711");
  *request.mutable_maintenance()->mutable_performed_at() = Timestamp(99);
  const v1::Maintenance told = Done(request);
  EXPECT_THAT(told.name(), StartsWith("sites/a/assets/pump/maintenance/"));
  EXPECT_EQ(told.performed_at().seconds(), TimeOf(99) / 1'000'000);
  EXPECT_EQ(told.work_order(), "4711");

  const v1::PointHealth after = HealthOf(kPoint);
  EXPECT_EQ(after.condition(), v1::CONDITION_LEARNING);
  EXPECT_EQ(after.model_version(), 0);
  EXPECT_EQ(after.learning_progress(), 0);
  EXPECT_EQ(after.record_count(), 100);
  EXPECT_FALSE(after.has_index());
  EXPECT_EQ(after.summary(), "Learning anew after maintenance: bearing replaced");
  EXPECT_EQ(HealthOf(kOther).model_version(), 0);
  EXPECT_EQ(Text("SELECT string_agg(version::text, ',') FROM baseline"), "1,1") << "they stay";
  EXPECT_EQ(Text("SELECT summary FROM event ORDER BY measured_at DESC LIMIT 1"),
            "Learning anew after maintenance: bearing replaced");

  EXPECT_EQ(WriteSeries(kPoint, 100, 60, 3).model_version, 0);
  EXPECT_EQ(WriteSeries(kPoint, 160, 20, 3).model_version, 2);
  EXPECT_EQ(Text("SELECT origin FROM baseline WHERE version = 2"), "after maintenance");
  const db::Param values[] = {db::TimeUs(TimeOf(99))};
  const auto late = connection_->Query(
      "SELECT count(*) FROM baseline WHERE version = 2 AND learnt_from > $1", values);
  ASSERT_TRUE(late.ok());
  EXPECT_EQ(late->Int(0, 0), 1);
  EXPECT_EQ(HealthOf(kPoint).condition(), v1::CONDITION_NORMAL) << "3 dB more is normal now";
}

TEST_F(MaintenanceCalls, CountsRecordsThatAreStoredAlready) {
  WriteSeries(kPoint, 0, 100);
  auto request = Replaced();
  *request.mutable_maintenance()->mutable_performed_at() = Timestamp(39);
  Done(request);
  EXPECT_GT(HealthOf(kPoint).learning_progress(), 0.5f);
  EXPECT_EQ(WriteSeries(kPoint, 100, 15).model_version, 2);
}

TEST_F(MaintenanceCalls, LearnNothingFromBeforeWhatIsStillToHappen) {
  auto request = Replaced();
  *request.mutable_maintenance()->mutable_performed_at() = Timestamp(49);
  Done(request);
  EXPECT_EQ(WriteSeries(kPoint, 0, 50).learning_progress, 0);
  EXPECT_EQ(WriteSeries(kPoint, 50, 60).model_version, 0);
  WriteSeries(kPoint, 110, 20);
  EXPECT_EQ(HealthOf(kPoint).model_version(), 1);
  EXPECT_EQ(Text("SELECT origin FROM baseline"), "after maintenance");
}

TEST_F(MaintenanceCalls, ThatKeepTheBaselineAreOnlyRecorded) {
  WriteSeries(kPoint, 0, 70);
  auto request = Replaced();
  request.mutable_maintenance()->set_keep_baseline(true);
  EXPECT_TRUE(Done(request).keep_baseline());
  EXPECT_EQ(HealthOf(kPoint).model_version(), 1);
  EXPECT_EQ(HealthOf(kPoint).condition(), v1::CONDITION_NORMAL);
  EXPECT_EQ(List().maintenance_size(), 1);
}

TEST_F(MaintenanceCalls, OfSomePointsLeaveTheOthersAlone) {
  WriteSeries(kPoint, 0, 70);
  WriteSeries(kOther, 0, 70);
  auto request = Replaced();
  request.mutable_maintenance()->add_points(kOther);
  const v1::Maintenance told = Done(request);
  ASSERT_EQ(told.points_size(), 1);
  EXPECT_EQ(told.points(0), kOther);
  EXPECT_EQ(HealthOf(kPoint).model_version(), 1);
  EXPECT_EQ(HealthOf(kOther).model_version(), 0);
}

TEST_F(MaintenanceCalls, HealAPointWhoseStateIsDamaged) {
  WriteSeries(kPoint, 0, 70);
  ASSERT_TRUE(connection_->Execute("UPDATE point_state SET state = 'rubbish'").ok());
  const auto refused = writer_.Write(Series(kPoint, 70, 1));
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->front().rejection.code(), absl::StatusCode::kDataLoss);
  Done(Replaced());
  WriteSeries(kPoint, 70, 1);
  EXPECT_EQ(HealthOf(kPoint).condition(), v1::CONDITION_LEARNING);
}

TEST_F(MaintenanceCalls, AreListedLatestFirstInPages) {
  for (const int n : {5, 20, 10}) {
    auto request = Replaced();
    request.mutable_maintenance()->set_description(std::to_string(n));
    *request.mutable_maintenance()->mutable_performed_at() = Timestamp(n);
    Done(request);
  }
  const v1::ListMaintenanceResponse first = List("page_size: 2");
  ASSERT_EQ(first.maintenance_size(), 2);
  EXPECT_EQ(first.maintenance(0).description(), "20");
  EXPECT_EQ(first.maintenance(1).description(), "10");
  const v1::ListMaintenanceResponse second =
      List("page_size: 2 page_token: '" + first.next_page_token() + "'");
  ASSERT_EQ(second.maintenance_size(), 1);
  EXPECT_EQ(second.maintenance(0).description(), "5");
  EXPECT_EQ(second.next_page_token(), "");
}

}  // namespace
}  // namespace auscult::server
