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
  Watcher(v1::AlarmService::Stub& stub, const std::string& parent) {
    v1::WatchAlarmsRequest request;
    request.set_parent(parent);
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    reader_ = stub.WatchAlarms(&context_, request);
  }
  ~Watcher() { context_.TryCancel(); }

  // The next message that is no heartbeat.
  v1::Alarm Next() {
    v1::WatchAlarmsResponse response;
    while (reader_->Read(&response)) {
      if (response.has_alarm()) return response.alarm();
      ++heartbeats_;
    }
    ADD_FAILURE() << "the stream ended";
    return {};
  }
  bool ReadHeartbeat() {
    v1::WatchAlarmsResponse response;
    return reader_->Read(&response) && !response.has_alarm();
  }
  grpc::Status Finish() {
    v1::WatchAlarmsResponse response;
    while (reader_->Read(&response)) {
    }
    return reader_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchAlarmsResponse>> reader_;
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
