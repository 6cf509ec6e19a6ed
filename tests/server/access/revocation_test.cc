// What becomes of calls that last when the key is revoked on which they began.

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "auscult/v1/alarm_service.grpc.pb.h"
#include "auscult/v1/ingest_service.grpc.pb.h"
#include "db/operation_store.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "tests/server/access/access_server.h"

namespace auscult::server {
namespace {

class Revocation : public AccessServer {
 protected:
  void SetUp() override {
    office_ = StoreKey("office", {{v1::ROLE_ADMIN, ""}});
    secret_ = StoreKey("line", {{v1::ROLE_VIEWER, "own"}, {v1::ROLE_INGEST, "own"}});
    ASSERT_NO_FATAL_FAILURE(Start());
    context_.AddMetadata("authorization", "Bearer " + secret_);
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  }
  void Revoke() { ASSERT_TRUE(db::RevokeAccessKey(*connection_, "line").ok()); }

  std::string secret_, office_;
  grpc::ClientContext context_;
};

TEST_F(Revocation, EndsAWatch) {
  const auto alarms = v1::AlarmService::NewStub(channel_);
  v1::WatchAlarmsRequest request;
  request.set_parent("sites/-");
  const auto stream = alarms->WatchAlarms(&context_, request);
  stream->WaitForInitialMetadata();
  Revoke();
  const auto begin = std::chrono::steady_clock::now();
  v1::WatchAlarmsResponse response;
  while (stream->Read(&response)) {
  }
  EXPECT_EQ(RefusalOf(stream->Finish()).reason, "KEY_REVOKED");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(Revocation, EndsAStreamOfRecordsAndAcknowledgesNoneAfterIt) {
  const auto ingest = v1::IngestService::NewStub(channel_);
  const auto stream = ingest->StreamWaveforms(&context_);
  v1::StreamWaveformsRequest request;
  request.mutable_waveform()->set_point("sites/own/assets/pump/points/de");
  v1::StreamWaveformsResponse ack;
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&ack));
  Revoke();
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  request.set_sequence(1);
  stream->Write(request);
  EXPECT_FALSE(stream->Read(&ack)) << ack.DebugString();
  EXPECT_EQ(RefusalOf(stream->Finish()).reason, "KEY_REVOKED");
}

TEST_F(Revocation, EndsAWaitForAnOperation) {
  const auto operation = db::AddOperation(*connection_, "of nobody", "", "");
  ASSERT_TRUE(operation.ok()) << operation.status();
  std::thread revoke([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    EXPECT_TRUE(db::RevokeAccessKey(*connection_, "office").ok());
  });
  const auto stub = google::longrunning::Operations::NewStub(channel_);
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + office_);
  google::longrunning::WaitOperationRequest request;
  request.set_name("operations/" + std::to_string(operation->id));
  request.mutable_timeout()->set_seconds(20);
  google::longrunning::Operation response;
  const auto begin = std::chrono::steady_clock::now();
  const grpc::Status status = stub->WaitOperation(&context, request, &response);
  revoke.join();
  EXPECT_EQ(RefusalOf(status).reason, "KEY_REVOKED");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace auscult::server
