#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "auscult/v1/alarm_service.grpc.pb.h"
#include "db/case_writer.h"
#include "db/plant_store.h"
#include "server/alarm_service.h"
#include "tests/server/plant_server.h"

namespace auscult::server {

// Two sites with a machine each, and the alarm service at a brisk pace.
class Alarms : public PlantServer {
 protected:
  static constexpr int64_t kCasesFromUs = 1'790'000'000'000'000;
  using AlarmStub = v1::AlarmService::Stub;

  void SetUp() override {
    for (const char* site : {"a", "b"}) {
      CreateSite(site);
      CreateAsset(site, "pump");
      CreatePoint(std::string("sites/") + site + "/assets/pump", "de");
      CreatePoint(std::string("sites/") + site + "/assets/pump", "nde");
    }
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    alarm_server_ = builder.BuildAndStart();
    alarms_ = v1::AlarmService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                            grpc::InsecureChannelCredentials()));
  }
  void TearDown() override {
    service_.StopStreams();
    alarm_server_->Shutdown();
  }

  // What a point says of its machine, an hour after what was said before.
  void Say(const std::string& site, const std::string& point, models::Condition condition,
           models::Fault fault = models::Fault::kOther,
           models::CaseKind kind = models::CaseKind::kMachine) {
    const auto row = db::GetPoint(*connection_, site, "pump", point);
    ASSERT_TRUE(row.ok()) << row.status();
    said_us_ += 3'600'000'000;
    const std::vector<db::CaseReport> reports = {
        {.asset_id = row->asset_id,
         .report = {.kind = kind,
                    .point_id = row->point_id,
                    .condition = condition,
                    .fault = fault,
                    .measured_at_us = said_us_,
                    .summary = "because",
                    .detail = R"({"evidence":[{"text":"a line at 162 Hz","supports":true}]})"}}};
    const absl::Status status =
        db::InTransaction(*connection_, [&] { return db::UpdateCases(*connection_, reports); });
    ASSERT_TRUE(status.ok()) << status;
  }

  template <typename Request, typename Response>
  grpc::Status Ask(grpc::Status (AlarmStub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                   const Request& request, Response& response) {
    grpc::ClientContext context;
    response.Clear();
    return ((*alarms_).*method)(&context, request, &response);
  }

  std::vector<v1::Alarm> List(const std::string& request = "parent: 'sites/-'") {
    v1::ListAlarmsResponse response;
    const grpc::Status status =
        Ask(&AlarmStub::ListAlarms, Parsed<v1::ListAlarmsRequest>(request), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return {response.alarms().begin(), response.alarms().end()};
  }

  v1::Alarm Get(const std::string& name, const std::string& language = "") {
    v1::GetAlarmRequest request;
    request.set_name(name);
    request.set_language_code(language);
    v1::Alarm alarm;
    const grpc::Status status = Ask(&AlarmStub::GetAlarm, request, alarm);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return alarm;
  }

  // A change by somebody, with what is particular to it as text.
  template <typename Request>
  grpc::Status Do(grpc::Status (AlarmStub::*method)(grpc::ClientContext*, const Request&,
                                                    v1::Alarm*),
                  const std::string& name, const std::string& text = "") {
    auto request = Parsed<Request>(text);
    request.set_name(name);
    request.set_actor("kim");
    return Ask(method, request, changed_);
  }

  AlarmService service_{
      &OpenGate(),
      &pool_,
      {.poll = std::chrono::milliseconds(20), .heartbeat = std::chrono::milliseconds(300)}};
  std::unique_ptr<grpc::Server> alarm_server_;
  std::unique_ptr<AlarmStub> alarms_;
  v1::Alarm changed_;
  int64_t said_us_ = kCasesFromUs;
};

}  // namespace auscult::server
