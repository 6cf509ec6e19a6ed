#include "server/alarm_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "db/case_writer.h"
#include "db/plant_store.h"
#include "tests/server/alarm_server.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using models::CaseKind;
using models::Condition;
using models::Fault;

// A caller of WatchAlarms.
class Watcher {
 public:
  Watcher(v1::AlarmService::Stub& stub, const std::string& parent,
          const std::string& resume_token = "") {
    v1::WatchAlarmsRequest request;
    request.set_parent(parent);
    request.set_resume_token(resume_token);
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    reader_ = stub.WatchAlarms(&context_, request);
  }
  ~Watcher() { context_.TryCancel(); }

  // The next message that is no heartbeat.
  v1::Alarm Next() {
    v1::WatchAlarmsResponse response;
    while (reader_->Read(&response)) {
      if (!response.resume_token().empty()) token_ = response.resume_token();
      if (response.has_alarm()) return response.alarm();
      ++heartbeats_;
    }
    ADD_FAILURE() << "the stream ended";
    return {};
  }
  bool ReadHeartbeat() {
    v1::WatchAlarmsResponse response;
    const bool read = reader_->Read(&response) && !response.has_alarm();
    if (!response.resume_token().empty()) token_ = response.resume_token();
    return read;
  }
  // The last one that came.
  const std::string& token() const { return token_; }
  grpc::Status Finish() {
    v1::WatchAlarmsResponse response;
    while (reader_->Read(&response)) {
    }
    return reader_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchAlarmsResponse>> reader_;
  std::string token_;
  int heartbeats_ = 0;
};

TEST_F(Alarms, AreWatchedFromTheOpenOnesOn) {
  Say("a", "de", Condition::kAlert, Fault::kGear);
  Watcher a(*alarms_, "sites/a"), all(*alarms_, "sites/-");
  const v1::Alarm open = a.Next();
  EXPECT_EQ(open.fault(), v1::FAULT_GEAR);
  EXPECT_EQ(all.Next().name(), open.name());
  EXPECT_TRUE(a.ReadHeartbeat());
  Say("b", "de", Condition::kAlarm, Fault::kBall);
  EXPECT_EQ(all.Next().fault(), v1::FAULT_BALL);
  Say("a", "de", Condition::kAlarm, Fault::kGear);
  EXPECT_EQ(a.Next().condition(), v1::CONDITION_ALARM) << "nothing of the other site came";
  ASSERT_TRUE(Do(&AlarmStub::AssignAlarm, open.name(), "assignee: 'lee'").ok());
  EXPECT_EQ(a.Next().assignee(), "lee");
  Say("a", "de", Condition::kNormal);
  EXPECT_TRUE(a.Next().has_close_time());
  ASSERT_TRUE(Do(&AlarmStub::CloseAlarm, open.name(), "finding: FINDING_CONFIRMED").ok());
  EXPECT_EQ(a.Next().finding(), v1::FINDING_CONFIRMED);
}

TEST_F(Alarms, MissNothingWhileManyChangeThem) {
  Watcher watcher(*alarms_, "sites/-");
  EXPECT_TRUE(watcher.ReadHeartbeat());
  std::vector<std::jthread> threads;
  for (const char* site : {"a", "b"}) {
    threads.emplace_back([this, site] {
      const auto connection = database_.Connect();
      const auto row = db::GetPoint(*connection, site, "pump", "de");
      ASSERT_TRUE(row.ok());
      for (int i = 0; i < 60; ++i) {
        const std::vector<db::CaseReport> reports = {
            {.asset_id = row->asset_id,
             .report = {.kind = CaseKind::kMachine,
                        .point_id = row->point_id,
                        .condition = i % 2 == 0 ? Condition::kAlert : Condition::kNormal,
                        .fault = Fault::kGear,
                        .measured_at_us = kCasesFromUs + i,
                        .summary = "why",
                        .detail = ""}}};
        EXPECT_TRUE(db::InTransaction(*connection, [&] {
                      return db::UpdateCases(*connection, reports);
                    }).ok());
      }
    });
  }
  std::map<std::string, bool> closed;
  while (closed.size() < 60 ||
         std::any_of(closed.begin(), closed.end(), [](const auto& seen) { return !seen.second; })) {
    const v1::Alarm alarm = watcher.Next();
    if (alarm.name().empty()) break;
    closed[alarm.name()] = alarm.has_close_time();
  }
  EXPECT_EQ(closed.size(), 60u);
}

TEST_F(Alarms, GoOnAfterABreakWithWhatChangedMeanwhile) {
  Say("a", "de", Condition::kAlert, Fault::kGear);
  Say("b", "de", Condition::kAlert, Fault::kBall);
  std::string token, closing;
  {
    Watcher before(*alarms_, "sites/-");
    closing = before.Next().name();
    EXPECT_EQ(before.token(), "") << "a break now would lose the second case";
    EXPECT_NE(before.Next().name(), closing);
    EXPECT_TRUE(before.ReadHeartbeat());
    token = before.token();
    ASSERT_NE(token, "");
  }
  ASSERT_TRUE(Do(&AlarmStub::CloseAlarm, closing, "finding: FINDING_CONFIRMED").ok());

  Watcher after(*alarms_, "sites/-", token);
  const v1::Alarm closed = after.Next();
  EXPECT_EQ(closed.name(), closing);
  EXPECT_TRUE(closed.has_close_time()) << "who begins anew never hears of it";
  EXPECT_TRUE(after.ReadHeartbeat()) << "the other one did not change";
  Watcher anew(*alarms_, "sites/-");
  EXPECT_NE(anew.Next().name(), closing);
  EXPECT_TRUE(anew.ReadHeartbeat());
}

TEST_F(Alarms, BeginWithTheOpenOnesAtATokenOfAnotherDatabase) {
  Say("a", "de", Condition::kAlert, Fault::kGear);
  Watcher later(*alarms_, "sites/a", "18446744073709551615");
  EXPECT_EQ(later.Next().fault(), v1::FAULT_GEAR);
  for (const char* text : {"x", "-1", " 1", "01", "18446744073709551616"}) {
    Watcher bad(*alarms_, "sites/a", text);
    const grpc::Status status = bad.Finish();
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << text;
    EXPECT_EQ(RefusalOf(status).reason, "BAD_RESUME_TOKEN") << text;
  }
}

TEST_F(Alarms, EndTheirStreamsWhenTheServerStops) {
  Watcher watcher(*alarms_, "sites/-");
  EXPECT_TRUE(watcher.ReadHeartbeat());
  const auto before = std::chrono::steady_clock::now();
  service_.StopStreams();
  const grpc::Status status = watcher.Finish();
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(RefusalOf(status).reason, "STOPPING");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1));
  Watcher late(*alarms_, "sites/-");
  EXPECT_EQ(late.Finish().error_code(), StatusCode::UNAVAILABLE);
}

TEST_F(Alarms, AreNotWatchedOfWhatIsNoSite) {
  Watcher malformed(*alarms_, "x"), unknown(*alarms_, "sites/x");
  EXPECT_EQ(RefusalOf(malformed.Finish()).reason, "MALFORMED_NAME");
  EXPECT_EQ(RefusalOf(unknown.Finish()).reason, "UNKNOWN_SITE");
}

}  // namespace
}  // namespace auscult::server
