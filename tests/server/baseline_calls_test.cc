#include "server/baseline_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "db/baseline_store.h"
#include "tests/server/health_plant.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;

class BaselineCalls : public HealthPlant {
 protected:
  v1::RelearnRequest Period(int first, int last) const {
    v1::RelearnRequest request;
    request.set_point(kPoint);
    *request.mutable_start_time() = Timestamp(first);
    *request.mutable_end_time() = Timestamp(last);
    return request;
  }
  grpc::Status Relearn(const v1::RelearnRequest& request) {
    return Call(&HealthStub::Relearn, request, relearnt_);
  }
  grpc::Status Activate(const std::string& name) {
    v1::ActivateBaselineRequest request;
    request.set_name(name);
    return Call(&HealthStub::ActivateBaseline, request, activated_);
  }
  v1::ListBaselinesResponse List(const std::string& text = "") {
    auto request = Parsed<v1::ListBaselinesRequest>(text);
    request.set_parent(kPoint);
    v1::ListBaselinesResponse response;
    const grpc::Status status = Call(&HealthStub::ListBaselines, request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  static std::string Version(int version) {
    return std::string(kPoint) + "/baselines/" + std::to_string(version);
  }

  v1::RelearnResponse relearnt_;
  v1::Baseline activated_;
};

TEST_F(BaselineCalls, RefuseWhatMakesNoSense) {
  v1::RelearnRequest request;
  request.set_point("sites/a/assets/pump");
  ExpectRefused(Relearn(request), StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "point");
  request.set_point("sites/a/assets/pump/points/motor");
  ExpectRefused(Relearn(request), StatusCode::NOT_FOUND, "UNKNOWN_POINT", "point");
  request = Period(0, 60);
  request.clear_end_time();
  ExpectRefused(Relearn(request), StatusCode::INVALID_ARGUMENT, "MISSING_FIELD", "end_time");
  ExpectRefused(Relearn(Period(60, 60)), StatusCode::INVALID_ARGUMENT, "EMPTY_PERIOD",
                "start_time");
  ExpectRefused(Activate(kPoint), StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "name");
  ExpectRefused(Activate(Version(0)), StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "name");
  ExpectRefused(Activate(Version(1)), StatusCode::NOT_FOUND, "UNKNOWN_BASELINE", "name");
  EXPECT_EQ(List().baselines_size(), 0);
}

TEST_F(BaselineCalls, SayWhyAPeriodIsNotLearnt) {
  WriteSeries(kPoint, 0, 90);
  ExpectRefused(Relearn(Period(0, 20)), StatusCode::FAILED_PRECONDITION, "PERIOD_NOT_LEARNT",
                "start_time");
  ExpectRefused(Relearn(Period(200, 280)), StatusCode::FAILED_PRECONDITION, "PERIOD_NOT_LEARNT",
                "start_time");
  EXPECT_EQ(List().baselines_size(), 1);
  EXPECT_EQ(HealthOf(kPoint).model_version(), 1);
}

TEST_F(BaselineCalls, LearnAtOnceFromAPeriodAndRollBack) {
  WriteSeries(kPoint, 0, 80);
  WriteSeries(kPoint, 80, 80, 20);
  ASSERT_EQ(HealthOf(kPoint).condition(), v1::CONDITION_ALARM);
  const grpc::Status status = Relearn(Period(85, 160));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(relearnt_.baseline().name(), Version(2));
  EXPECT_EQ(relearnt_.baseline().origin(), "asked for");
  EXPECT_TRUE(relearnt_.baseline().active());
  EXPECT_GT(relearnt_.baseline().learnt_feature_count(), 10);
  EXPECT_EQ(relearnt_.baseline().learnt_from().seconds(), TimeOf(85) / 1'000'000);
  EXPECT_EQ(relearnt_.baseline().learnt_to().seconds(), TimeOf(159) / 1'000'000);
  EXPECT_EQ(relearnt_.health().model_version(), 2);
  EXPECT_EQ(relearnt_.health().condition(), v1::CONDITION_ALARM) << "records move it, not people";
  EXPECT_FALSE(relearnt_.health().has_severity());
  const db::Outcome after = WriteSeries(kPoint, 160, 20, 20);
  EXPECT_EQ(after.health.condition, models::Condition::kNormal);
  EXPECT_EQ(after.model_version, 2);

  ASSERT_TRUE(Activate(Version(1)).ok());
  EXPECT_EQ(activated_.name(), Version(1));
  EXPECT_TRUE(activated_.active());
  EXPECT_EQ(activated_.origin(), "first");
  EXPECT_EQ(WriteSeries(kPoint, 180, 10, 20).health.condition, models::Condition::kAlarm);
  ASSERT_TRUE(Activate(Version(2)).ok()) << "and forward again";
  EXPECT_EQ(HealthOf(kPoint).model_version(), 2);
  const v1::ListBaselinesResponse all = List();
  ASSERT_EQ(all.baselines_size(), 2);
  EXPECT_EQ(all.baselines(0).version(), 2);
  EXPECT_TRUE(all.baselines(0).active());
  EXPECT_FALSE(all.baselines(1).active());
  EXPECT_EQ(List("page_size: 1").baselines_size(), 1);
  EXPECT_NE(List("page_size: 1").next_page_token(), "");
}

TEST_F(BaselineCalls, ActivatingTheActiveOneChangesNothing) {
  WriteSeries(kPoint, 0, 80);
  const std::string before = Text("SELECT md5(s::text) FROM point_state s WHERE record_count > 0");
  ASSERT_TRUE(Activate(Version(1)).ok());
  EXPECT_EQ(Text("SELECT md5(s::text) FROM point_state s WHERE record_count > 0"), before);
}

TEST_F(BaselineCalls, LearnFromTheRecordsToCome) {
  WriteSeries(kPoint, 0, 80);
  v1::RelearnRequest request;
  request.set_point(kPoint);
  request.set_actor("Ada");
  ASSERT_TRUE(Relearn(request).ok());
  EXPECT_FALSE(relearnt_.has_baseline());
  EXPECT_EQ(relearnt_.health().condition(), v1::CONDITION_LEARNING);
  EXPECT_EQ(relearnt_.health().summary(), "Learning anew, asked for by Ada");
  EXPECT_EQ(WriteSeries(kPoint, 80, 60, 6).model_version, 0);
  EXPECT_EQ(WriteSeries(kPoint, 140, 15, 6).model_version, 2);
  EXPECT_EQ(List().baselines(0).origin(), "asked for");
  EXPECT_GT(List().baselines(0).learnt_from().seconds(), TimeOf(79) / 1'000'000);
}

TEST_F(BaselineCalls, HealAPointWhoseBaselineIsDamaged) {
  WriteSeries(kPoint, 0, 80);
  ASSERT_TRUE(connection_->Execute("UPDATE baseline SET model = 'rubbish'").ok());
  db::BaselineCache empty(10);
  db::TrendWriter writer(database_.conninfo(), &empty);
  const auto refused = writer.Write(Series(kPoint, 80, 1));
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused->front().rejection.code(), absl::StatusCode::kDataLoss);
  ASSERT_TRUE(Relearn(Period(0, 80)).ok());
  const auto taken = writer.Write(Series(kPoint, 80, 1));
  ASSERT_TRUE(taken.ok());
  EXPECT_EQ(taken->front().kind, db::Outcome::Kind::kAccepted) << taken->front().rejection;
  EXPECT_EQ(taken->front().model_version, 2);
}

TEST_F(BaselineCalls, HealAPointWhoseStateIsDamaged) {
  WriteSeries(kPoint, 0, 80);
  ASSERT_TRUE(connection_->Execute("UPDATE point_state SET state = 'rubbish'").ok());
  ASSERT_TRUE(Relearn(Period(0, 80)).ok());
  EXPECT_EQ(WriteSeries(kPoint, 80, 5).health.condition, models::Condition::kNormal);
  WriteSeries(kPoint, 85, 10, 20);
  ASSERT_EQ(HealthOf(kPoint).condition(), v1::CONDITION_ALARM);
  ASSERT_TRUE(connection_->Execute("UPDATE point_state SET state = 'rubbish'").ok());
  ASSERT_TRUE(Activate(Version(2)).ok()) << "also where that version is active";
  EXPECT_EQ(HealthOf(kPoint).condition(), v1::CONDITION_ALARM) << "the condition was not lost";
  EXPECT_EQ(WriteSeries(kPoint, 95, 5, 20).health.condition, models::Condition::kAlarm);
}

TEST_F(BaselineCalls, RefuseABaselineThatIsDamagedOrOfOtherChannels) {
  WriteSeries(kPoint, 0, 80);
  const auto entry = directory_.Find(kPoint).value();
  models::LearningWindow window;
  for (db::Record& record : Series(kPoint, 0, 70)) {
    const std::vector<float> once = record.features.values;
    record.features.values.insert(record.features.values.end(), once.begin(), once.end());
    record.features.channel_count = 2;
    window.measured_at_us.push_back(record.measured_at_us);
    window.records.push_back(std::move(record.features));
  }
  const auto fitted = models::Baseline::Fit(window.records);
  ASSERT_TRUE(fitted.ok()) << fitted.status();
  ASSERT_TRUE(db::InsertBaseline(*connection_, {entry->asset_id, entry->point_id}, *fitted, window,
                                 "asked for")
                  .ok());
  ExpectRefused(Activate(Version(2)), StatusCode::FAILED_PRECONDITION, "OTHER_FEATURES", "name");
  ASSERT_TRUE(connection_
                  ->Execute("INSERT INTO baseline SELECT asset_id, point_id, site_id, 3,"
                            " feature_set, 'rubbish', learnt_from, learnt_to FROM baseline"
                            " WHERE version = 1")
                  .ok());
  ExpectRefused(Activate(Version(3)), StatusCode::FAILED_PRECONDITION, "DAMAGED_BASELINE", "name");
  EXPECT_EQ(HealthOf(kPoint).model_version(), 1);
}

TEST_F(BaselineCalls, LoseNoRecordThatStreamsInMeanwhile) {
  WriteSeries(kPoint, 0, 80);
  std::thread sender([this] {
    for (int n = 80; n < 200; ++n) WriteSeries(kPoint, n, 1);
  });
  v1::RelearnRequest request;
  request.set_point(kPoint);
  for (int i = 0; i < 8; ++i) {
    const grpc::Status status = Relearn(i % 2 == 0 ? Period(0, 80) : request);
    EXPECT_TRUE(status.ok()) << status.error_message();
    if (i % 4 == 0) {
      EXPECT_TRUE(Activate(Version(1)).ok());
    }
  }
  sender.join();
  EXPECT_EQ(Text("SELECT count(*) FROM trend"), "200");
  EXPECT_EQ(Text("SELECT count(*) FROM score"), "200");
  EXPECT_EQ(HealthOf(kPoint).record_count(), 200);
  EXPECT_EQ(HealthOf(kPoint).last_measured_at().seconds(), TimeOf(199) / 1'000'000);
}

}  // namespace
}  // namespace auscult::server
