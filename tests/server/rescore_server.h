#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "auscult/v1/rescore_service.grpc.pb.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "google/protobuf/util/time_util.h"
#include "server/operations_service.h"
#include "server/rescore_jobs.h"
#include "server/rescore_service.h"
#include "tests/db/plant_of_points.h"
#include "tests/server/ingest_fixture.h"
#include "tests/server/plant_server.h"

namespace auscult::server {

// Re-scoring and operations services over loopback, with jobs of small portions, on a database of
// their own with the points of db::PlantOfPoints.
class RescoreServer : public ::testing::Test {
 protected:
  using Operation = google::longrunning::Operation;
  using Stub = v1::RescoreService::Stub;
  static constexpr RescoreTiming kTiming{.lease = std::chrono::milliseconds(1000),
                                         .beat = std::chrono::milliseconds(20),
                                         .retry_after = std::chrono::milliseconds(20),
                                         .portion = std::chrono::milliseconds(2000),
                                         .portion_records = 37};

  explicit RescoreServer(int point_count = 3) : plant_(point_count) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    builder.RegisterService(&operations_service_);
    server_ = builder.BuildAndStart();
    const auto channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                             grpc::InsecureChannelCredentials());
    rescores_ = v1::RescoreService::NewStub(channel);
    operations_ = google::longrunning::Operations::NewStub(channel);
  }
  ~RescoreServer() override {
    jobs_.AskToStop();
    operations_service_.StopWaiting();
    server_->Shutdown();
  }

  static bool Patiently(const std::function<bool()>& holds) {
    for (int tries = 0; tries < 10; ++tries) {
      if (Eventually(holds)) return true;
    }
    return false;
  }

  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    response.Clear();
    return (rescores_.get()->*method)(&context, request, &response);
  }
  // Of a method that takes a name and answers the re-scoring.
  template <typename Request>
  grpc::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                 v1::Rescore*),
                    const std::string& name, v1::Rescore& response) {
    Request request;
    request.set_name(name);
    return Call(method, request, response);
  }

  v1::StartRescoreRequest Everything() const {
    v1::StartRescoreRequest request;
    request.set_scope("sites/-");
    return request;
  }
  // The re-scoring that was started.
  v1::Rescore Started(const v1::StartRescoreRequest& request) {
    Operation operation;
    const grpc::Status status = Call(&Stub::StartRescore, request, operation);
    EXPECT_TRUE(status.ok()) << status.error_message();
    v1::Rescore rescore;
    EXPECT_TRUE(Call(&Stub::GetRescore, NameOf(operation), rescore).ok());
    return rescore;
  }
  static std::string NameOf(const Operation& operation) {
    return "rescores/" + operation.name().substr(operation.name().find('/') + 1);
  }
  // The same once it is done.
  v1::Rescore Awaited(const std::string& name) {
    v1::Rescore rescore;
    EXPECT_TRUE(Patiently([&] {
      return Call(&Stub::GetRescore, name, rescore).ok() && rescore.has_done_time();
    })) << rescore.ShortDebugString();
    return rescore;
  }
  v1::Rescore Done(const v1::StartRescoreRequest& request) {
    return Awaited(Started(request).name());
  }

  void Store(std::span<const db::Record> records) {
    db::BaselineCache apart(10);
    db::TrendWriter writer(plant_.conninfo(), &apart);
    ASSERT_EQ(plant_.Accepted(writer.Write(records)), static_cast<int>(records.size()));
  }
  // What a run said of all records, for comparing.
  std::string Said(int64_t run) {
    const db::Param values[] = {db::Int(run)};
    const auto rows = plant_.connection().Query(
        "SELECT string_agg(concat_ws(' ', point_id, unix_us(measured_at), condition, zone, verdict,"
        " health, severity, confidence, classifier_version, detail), e'\\n'"
        " ORDER BY point_id, measured_at) FROM score WHERE run = $1",
        values);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows->IsNull(0, 0) ? "" : std::string(rows->Text(0, 0));
  }

  static std::string PointName(int index) {
    return "sites/s/assets/a/points/p" + std::to_string(index);
  }
  static google::protobuf::Timestamp HourOf(int n) {
    return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
        db::PlantOfPoints::kStartUs + n * db::PlantOfPoints::kHourUs);
  }

  db::PlantOfPoints plant_;
  db::Pool pool_{plant_.conninfo(), 4};
  PlantDirectory directory_{&pool_, 1000};
  db::BaselineCache baselines_{100};
  RescoreJobs jobs_{plant_.conninfo(), &directory_, &baselines_, kTiming};
  RescoreService service_{&OpenGate(), &pool_, &jobs_};
  OperationsService operations_service_{&OpenGate(), &pool_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::RescoreService::Stub> rescores_;
  std::unique_ptr<google::longrunning::Operations::Stub> operations_;
};

}  // namespace auscult::server
