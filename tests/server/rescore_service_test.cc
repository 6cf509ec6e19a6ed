// RescoreService from the call to the scores that it leaves, but for what touches samples.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/baseline_store.h"
#include "models/point_replay.h"
#include "tests/server/rescore_server.h"

namespace auscult::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int kRecords = 250;

TEST_F(RescoreServer, ScoresEachRecordOnceAsAReplayInMemoryDoes) {
  for (int point = 0; point < 2; ++point) {
    Store(plant_.MakeSeries(point, 0, kRecords - 20));
    Store(plant_.MakeSeries(point, kRecords - 20, 20, 12));
  }
  const std::string before = plant_.Everything();
  jobs_.Start(2);
  const v1::Rescore rescore = Done(Everything());
  EXPECT_EQ(rescore.state(), v1::Rescore::STATE_DONE) << rescore.problem();
  EXPECT_EQ(rescore.progress().record_count(), 2 * kRecords);
  EXPECT_EQ(rescore.progress().records_done(), 2 * kRecords);
  EXPECT_EQ(rescore.progress().point_count(), 2);
  EXPECT_EQ(rescore.progress().points_done(), 2);
  EXPECT_EQ(rescore.progress().progress(), 1);
  EXPECT_EQ(rescore.records_left_out(), 0);
  EXPECT_EQ(rescore.plan().model(), "models/diagnosis/versions/0");
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM score WHERE run > 0"), 2 * kRecords);

  // The same in one go, by the baseline that is active.
  const db::Point& of = plant_.point(0);
  const auto version = db::ActiveVersion(plant_.connection(), {of.asset_id, of.point_id});
  ASSERT_GT(*version, 0);
  const auto baseline = db::LoadBaseline(plant_.connection(), of.asset_id, of.point_id, *version);
  const features::Machine machine;
  models::PointReplay replay({.machine = &machine, .baseline = &*baseline}, {},
                             models::PointReplay::Learning::kNothing);
  const auto rows = plant_.connection().Query(
      "SELECT unix_us(measured_at), condition, health, severity, verdict, model_version FROM score"
      " WHERE run > 0 AND point_id = (SELECT min(point_id) FROM point) ORDER BY measured_at");
  ASSERT_EQ(rows->count(), kRecords);
  int alarms = 0;
  for (int n = 0; n < kRecords; ++n) {
    const db::Record record = plant_.Make(0, n, n < kRecords - 20 ? 0 : 12);
    const auto step = replay.Next(record.features, record.measured_at_us);
    ASSERT_EQ(rows->Int(n, 0), record.measured_at_us);
    ASSERT_EQ(rows->Int(n, 1), static_cast<int>(step.health.condition)) << n;
    ASSERT_EQ(rows->Int(n, 4), static_cast<int>(step.health.verdict)) << n;
    ASSERT_EQ(static_cast<float>(rows->Real(n, 3)), step.health.severity) << n;
    ASSERT_EQ(rows->Int(n, 5), *version);
    alarms += step.health.condition == models::Condition::kAlarm;
  }
  EXPECT_GT(alarms, 0);
  // Nothing counts yet.
  ASSERT_TRUE(plant_.connection().Execute("DELETE FROM score WHERE run > 0").ok());
  EXPECT_EQ(plant_.Everything(), before);
}

TEST_F(RescoreServer, IsTheSameHoweverOftenItIsBrokenOff) {
  Store(plant_.MakeSeries(0, 0, kRecords));
  v1::StartRescoreRequest request = Everything();
  request.mutable_plan()->set_baseline(v1::RescorePlan::BASELINE_LEARN_AGAIN);
  {
    RescoreTiming whole = kTiming;
    whole.portion_records = 10'000;
    RescoreJobs jobs(plant_.conninfo(), &directory_, &baselines_, whole);
    jobs.Start(1);
    ASSERT_EQ(Done(request).state(), v1::Rescore::STATE_DONE);
  }
  const v1::Rescore broken = Started(request);
  int breaks = 0;
  for (v1::Rescore now = broken; !now.has_done_time(); ++breaks) {
    const int64_t before = now.progress().records_done();
    RescoreTiming small = kTiming;
    small.portion_records = 20;
    RescoreJobs jobs(plant_.conninfo(), &directory_, &baselines_, small);
    jobs.Start(1);
    ASSERT_TRUE(Patiently([&] {
      return Call(&Stub::GetRescore, broken.name(), now).ok() &&
             (now.has_done_time() || now.progress().records_done() > before);
    }));
  }
  EXPECT_GT(breaks, 1);
  EXPECT_EQ(Awaited(broken.name()).state(), v1::Rescore::STATE_DONE);
  EXPECT_EQ(Said(1), Said(2));
  EXPECT_THAT(Said(2), HasSubstr("\n"));
}

TEST_F(RescoreServer, CoversAPeriodAndRemembersWhatWasBefore) {
  Store(plant_.MakeSeries(0, 0, 150));
  Store(plant_.MakeSeries(0, 150, 50, 12));
  jobs_.Start(1);
  v1::StartRescoreRequest request = Everything();
  request.set_scope(PointName(0));
  const v1::Rescore whole = Done(request);
  *request.mutable_start_time() = HourOf(170);
  *request.mutable_end_time() = HourOf(180);
  const v1::Rescore part = Done(request);
  EXPECT_EQ(part.progress().records_done(), 10);
  EXPECT_EQ(part.start_time().seconds(), HourOf(170).seconds());
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM score a JOIN score b USING (point_id, measured_at)"
                         " WHERE a.run = 1 AND b.run = 2 AND a.condition = b.condition"
                         " AND a.severity = b.severity"),
            10);
  EXPECT_GT(plant_.Count("SELECT count(*) FROM score WHERE run = 2 AND condition = 4"), 0);
}

TEST_F(RescoreServer, CountsOnceItIsAdoptedAndNoMoreOnceItIsReverted) {
  Store(plant_.MakeSeries(0, 0, 100));
  ASSERT_TRUE(plant_.connection()
                  .Execute("UPDATE point_state SET rolled_to = (SELECT max(measured_at) FROM trend)"
                           " WHERE last_measured_at IS NOT NULL")
                  .ok());
  jobs_.Start(1);
  const v1::Rescore rescore = Done(Everything());
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM rollup_due"), 0);
  v1::Rescore adopted;
  ASSERT_TRUE(Call(&Stub::AdoptRescore, rescore.name(), adopted).ok());
  EXPECT_EQ(adopted.state(), v1::Rescore::STATE_ADOPTED);
  EXPECT_TRUE(adopted.has_adopt_time());
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM adopted_run WHERE run = 1"), 1);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM rollup_due"), 99);
  v1::DeleteRescoreRequest deletion;
  deletion.set_name(rescore.name());
  google::protobuf::Empty empty;
  ExpectRefused(Call(&Stub::DeleteRescore, deletion, empty), grpc::StatusCode::FAILED_PRECONDITION,
                "RESCORE_ADOPTED", "name");
  ASSERT_TRUE(plant_.connection().Execute("DELETE FROM rollup_due").ok());
  ASSERT_TRUE(Call(&Stub::RevertRescore, rescore.name(), adopted).ok());
  EXPECT_EQ(adopted.state(), v1::Rescore::STATE_DONE);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM adopted_run"), 0);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM rollup_due"), 99);
  ASSERT_TRUE(Call(&Stub::DeleteRescore, deletion, empty).ok());
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM score WHERE run > 0"), 0);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM rescore_shard"), 0);
  ExpectRefused(Call(&Stub::GetRescore, rescore.name(), adopted), grpc::StatusCode::NOT_FOUND,
                "UNKNOWN_RESCORE", "name");

  v1::StartRescoreRequest request = Everything();
  request.mutable_plan()->set_adopt(true);
  EXPECT_EQ(Done(request).state(), v1::Rescore::STATE_ADOPTED);
}

TEST_F(RescoreServer, RestsWhileItIsPausedAndEndsWhenItIsCancelled) {
  Store(plant_.MakeSeries(0, 0, 100));
  const v1::Rescore cancelled = Started(Everything());
  google::longrunning::CancelOperationRequest cancel;
  cancel.set_name("operations/" + cancelled.name().substr(9));
  google::protobuf::Empty empty;
  grpc::ClientContext context;
  ASSERT_TRUE(operations_->CancelOperation(&context, cancel, &empty).ok());
  EXPECT_EQ(Awaited(cancelled.name()).state(), v1::Rescore::STATE_CANCELLED);
  v1::Rescore rescore;
  ExpectRefused(Call<v1::AdoptRescoreRequest>(&Stub::AdoptRescore, cancelled.name(), rescore),
                grpc::StatusCode::FAILED_PRECONDITION, "RESCORE_NOT_DONE", "name");

  const v1::Rescore started = Started(Everything());
  ASSERT_TRUE(Call<v1::PauseRescoreRequest>(&Stub::PauseRescore, started.name(), rescore).ok());
  EXPECT_EQ(rescore.state(), v1::Rescore::STATE_PAUSED);
  jobs_.Start(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM score WHERE run > 0"), 0);
  ASSERT_TRUE(Call<v1::ResumeRescoreRequest>(&Stub::ResumeRescore, started.name(), rescore).ok());
  EXPECT_EQ(Awaited(started.name()).state(), v1::Rescore::STATE_DONE);
  ExpectRefused(Call<v1::PauseRescoreRequest>(&Stub::PauseRescore, started.name(), rescore),
                grpc::StatusCode::FAILED_PRECONDITION, "RESCORE_DONE", "name");
}

TEST_F(RescoreServer, TellsOfAPointThatCannotBeScoredAndScoresTheOthers) {
  for (int point = 0; point < 2; ++point) Store(plant_.MakeSeries(point, 0, 100));
  ASSERT_TRUE(plant_.connection()
                  .Execute("UPDATE baseline SET model = substring(model FROM 1 FOR 99)"
                           " WHERE point_id = (SELECT min(point_id) FROM point)")
                  .ok());
  jobs_.Start(2);
  v1::StartRescoreRequest request = Everything();
  request.mutable_plan()->set_adopt(true);
  const v1::Rescore rescore = Done(request);
  EXPECT_EQ(rescore.state(), v1::Rescore::STATE_ADOPTED);
  EXPECT_THAT(rescore.problem(), HasSubstr("1 of 2 points"));
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM adopted_run"), 1);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM score WHERE run > 0"), 100);
  request.set_scope(PointName(0));
  const v1::Rescore alone = Done(request);
  EXPECT_EQ(alone.state(), v1::Rescore::STATE_FAILED);
  EXPECT_THAT(alone.problem(), HasSubstr("none of 1 points"));
}

TEST_F(RescoreServer, OfNothingIsDoneAtOnce) {
  jobs_.Start(1);
  const v1::Rescore rescore = Done(Everything());
  EXPECT_EQ(rescore.state(), v1::Rescore::STATE_DONE);
  EXPECT_EQ(rescore.progress().point_count(), 0);
  v1::ListRescoresResponse list;
  Done(Everything());
  v1::ListRescoresRequest request;
  request.set_page_size(1);
  ASSERT_TRUE(Call(&Stub::ListRescores, request, list).ok());
  ASSERT_THAT(list.rescores(), SizeIs(1));
  EXPECT_EQ(list.rescores(0).name(), "rescores/2");
  request.set_page_token(list.next_page_token());
  ASSERT_TRUE(Call(&Stub::ListRescores, request, list).ok());
  ASSERT_THAT(list.rescores(), SizeIs(1));
  EXPECT_EQ(list.rescores(0).name(), "rescores/1");
  EXPECT_THAT(list.next_page_token(), IsEmpty());
}

TEST_F(RescoreServer, RefusesWhatCannotBeMeant) {
  Operation operation;
  v1::StartRescoreRequest request = Everything();
  request.set_scope("sites/nowhere");
  ExpectRefused(Call(&Stub::StartRescore, request, operation), grpc::StatusCode::NOT_FOUND,
                "UNKNOWN_SITE", "scope");
  request = Everything();
  request.mutable_plan()->set_model("models/diagnosis/versions/9");
  ExpectRefused(Call(&Stub::StartRescore, request, operation), grpc::StatusCode::NOT_FOUND,
                "UNKNOWN_MODEL_VERSION", "plan.model");
  request = Everything();
  *request.mutable_start_time() = HourOf(2);
  *request.mutable_end_time() = HourOf(1);
  ExpectRefused(Call(&Stub::StartRescore, request, operation), grpc::StatusCode::INVALID_ARGUMENT,
                "EMPTY_PERIOD", "start_time");
  request = Everything();
  request.mutable_plan()->set_source(static_cast<v1::RescorePlan::Source>(7));
  ExpectRefused(Call(&Stub::StartRescore, request, operation), grpc::StatusCode::INVALID_ARGUMENT,
                "BAD_PLAN", "plan");
  v1::Rescore rescore;
  ExpectRefused(Call(&Stub::GetRescore, "rescores/x", rescore), grpc::StatusCode::INVALID_ARGUMENT,
                "MALFORMED_NAME", "name");
}

}  // namespace
}  // namespace auscult::server
