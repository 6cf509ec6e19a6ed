// Quotas as callers set them and as servers hold them.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "auscult/v1/admin_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/admin_service.h"
#include "server/quota_calls.h"
#include "tests/server/ingest_fixture.h"
#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using Outcome = v1::IngestResult;

// Of one server: IngestServer's database, with an AdminService beside it.
class Quotas : public ::testing::Test {
 protected:
  Quotas() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&admin_service_);
    admin_server_ = builder.BuildAndStart();
    admin_ = v1::AdminService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                           grpc::InsecureChannelCredentials()));
  }
  ~Quotas() override { admin_server_->Shutdown(); }

  template <typename Request, typename Response>
  grpc::Status Ask(grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                   const Request& request, Response& response) {
    grpc::ClientContext context;
    response.Clear();
    return ((*admin_).*method)(&context, request, &response);
  }
  grpc::Status Update(const std::string& text) {
    return Ask(&v1::AdminService::Stub::UpdateQuota, Parsed<v1::UpdateQuotaRequest>(text), quota_);
  }
  grpc::Status Get(const std::string& name) {
    v1::GetQuotaRequest request;
    request.set_name(name);
    return Ask(&v1::AdminService::Stub::GetQuota, request, quota_);
  }
  grpc::Status Delete(const std::string& name) {
    v1::DeleteQuotaRequest request;
    request.set_name(name);
    google::protobuf::Empty nothing;
    return Ask(&v1::AdminService::Stub::DeleteQuota, request, nothing);
  }
  grpc::Status Ingest(int point) {
    v1::IngestWaveformRequest request;
    *request.mutable_waveform() =
        TestWaveform(TestPoint(point), NowUs() - 3'600'000'000 + 1000 * next_++, 256);
    v1::IngestWaveformResponse response;
    grpc::ClientContext context;
    return server_.NewStub()->IngestWaveform(&context, request, &response);
  }

  IngestServer server_;
  db::Pool pool_{server_.conninfo(), 2};
  KeyRing keys_;
  AdminService admin_service_{&OpenGate(), &keys_, &pool_, "", &server_.tenants()};
  std::unique_ptr<grpc::Server> admin_server_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  v1::Quota quota_;
  int64_t next_ = 0;
};

TEST_F(Quotas, AreSetReadChangedAndTakenAway) {
  ExpectRefused(Get("sites/s/quota"), StatusCode::NOT_FOUND, "NO_QUOTA", "name");
  ASSERT_TRUE(
      Update("quota { name: 'sites/s/quota' records_per_second: 50 stream_count: 3 }").ok());
  EXPECT_EQ(quota_.records_per_second(), 50);
  const std::string etag = quota_.etag();
  ASSERT_TRUE(Update("quota { name: 'sites/s/quota' buffer_bytes: 1000000 }").ok());
  EXPECT_EQ(quota_.records_per_second(), 50) << "an empty mask changes what is set";
  EXPECT_EQ(quota_.buffer_bytes(), 1'000'000);
  EXPECT_NE(quota_.etag(), etag);
  ExpectRefused(Update("quota { name: 'sites/s/quota' stream_count: 9 etag: '" + etag + "' }"),
                StatusCode::ABORTED, "ETAG_MISMATCH", "quota.etag");
  ASSERT_TRUE(Update("quota { name: 'sites/s/quota' } update_mask { paths: 'stream_count' }").ok());
  EXPECT_EQ(quota_.stream_count(), 0) << "named in the mask and not set: no limit";
  ASSERT_TRUE(Get("sites/s/quota").ok());
  EXPECT_EQ(quota_.records_per_second(), 50);
  v1::ListQuotasResponse list;
  ASSERT_TRUE(Ask(&v1::AdminService::Stub::ListQuotas, v1::ListQuotasRequest(), list).ok());
  ASSERT_EQ(list.quotas_size(), 1);
  EXPECT_EQ(list.quotas(0).name(), "sites/s/quota");
  ASSERT_TRUE(Delete("sites/s/quota").ok());
  ExpectRefused(Delete("sites/s/quota"), StatusCode::NOT_FOUND, "NO_QUOTA", "name");
}

TEST_F(Quotas, RefuseWhatCannotBe) {
  ExpectRefused(Update("quota { name: 'sites/nobody/quota' stream_count: 1 }"),
                StatusCode::NOT_FOUND, "UNKNOWN_SITE", "quota.name");
  ExpectRefused(Update("quota { name: 'keys/nobody/quota' stream_count: 1 }"),
                StatusCode::NOT_FOUND, "UNKNOWN_KEY", "quota.name");
  for (const char* name : {"", "quota", "sites/s", "sites/-/quota", "sites/s/quota/x",
                           "keys//quota", "models/m/quota", "sites/' OR 1=1 --/quota"}) {
    ExpectRefused(Update(std::string("quota { name: \"") + name + "\" stream_count: 1 }"),
                  StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "quota.name");
    ExpectRefused(Get(name), StatusCode::INVALID_ARGUMENT, "MALFORMED_NAME", "name");
  }
  for (const char* limit : {"records_per_second: -1", "records_per_second: 1e300",
                            "buffer_bytes: -5", "stream_count: -1"}) {
    const std::string field = std::string("quota.") + limit;
    ExpectRefused(Update(std::string("quota { name: 'sites/s/quota' ") + limit + " }"),
                  StatusCode::INVALID_ARGUMENT, "OUT_OF_RANGE", field.substr(0, field.find(':')));
  }
  ExpectRefused(Update("quota { name: 'sites/s/quota' records_per_second: nan }"),
                StatusCode::INVALID_ARGUMENT, "NOT_FINITE", "quota.records_per_second");
  ExpectRefused(Update("quota { name: 'sites/s/quota' calls_per_second: 5 }"),
                StatusCode::INVALID_ARGUMENT, "NOT_OF_A_SITE", "quota.calls_per_second");
}

TEST_F(Quotas, HoldRecordsASecondAndSayWhichOfThemIsSpent) {
  ASSERT_TRUE(Ingest(0).ok());
  ASSERT_TRUE(Update("quota { name: 'sites/s/quota' records_per_second: 0.02 }").ok());
  EXPECT_TRUE(Ingest(0).ok()) << "the bucket holds one";
  const grpc::Status refused = Ingest(0);
  ExpectRefused(refused, StatusCode::RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED");
  EXPECT_TRUE(RefusalOf(refused).asks_to_retry);
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(refused.error_details()));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(status.details(0).UnpackTo(&info));
  EXPECT_EQ(info.metadata().at("quota"), "sites/s/quota");
  EXPECT_EQ(info.metadata().at("limit"), "records_per_second");
  ASSERT_TRUE(Get("sites/s/quota").ok());
  EXPECT_EQ(quota_.use().refused_count(), 1);
  EXPECT_GT(quota_.use().records_per_second(), 0);
  // Readings count as well.
  v1::IngestReadingsRequest readings;
  readings.set_parent(kTestAsset);
  for (int i = 0; i < 10; ++i) {
    v1::Reading& reading = *readings.add_readings();
    reading.set_quantity("temperature_c");
    reading.set_value(i);
    SetTimeUs(reading.mutable_measured_at(), NowUs() - 1'000'000 * (i + 1));
  }
  v1::IngestReadingsResponse response;
  grpc::ClientContext context;
  ExpectRefused(server_.NewStub()->IngestReadings(&context, readings, &response),
                StatusCode::RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED");
  ASSERT_TRUE(Delete("sites/s/quota").ok());
  EXPECT_TRUE(Ingest(0).ok());
}

TEST_F(Quotas, HoldStreamsOfASite) {
  ASSERT_TRUE(Update("quota { name: 'sites/s/quota' stream_count: 1 }").ok());
  const auto outcome = [&](Sender& sender) {
    EXPECT_TRUE(sender.Send(1, TestWaveform(TestPoint(0), NowUs() - 1000 * ++next_, 256)));
    return sender.ReadAck().value().result();
  };
  Sender second(server_);
  {
    Sender first(server_);
    EXPECT_EQ(outcome(first).outcome(), Outcome::OUTCOME_ACCEPTED);
    EXPECT_EQ(outcome(first).outcome(), Outcome::OUTCOME_ACCEPTED);
    const v1::IngestResult refused = outcome(second);
    EXPECT_EQ(refused.rejection().reason(), "QUOTA_EXCEEDED");
    EXPECT_TRUE(refused.rejection().has_retry_after());
    EXPECT_EQ(server_.tenants().UseOf("sites/s/quota").stream_count(), 1);
  }
  EXPECT_TRUE(
      Eventually([&] { return server_.tenants().UseOf("sites/s/quota").stream_count() == 0; }));
  EXPECT_EQ(outcome(second).outcome(), Outcome::OUTCOME_ACCEPTED);
}

TEST_F(Quotas, HoldBytesInMemory) {
  ASSERT_TRUE(Update("quota { name: 'sites/s/quota' buffer_bytes: 30000 }").ok());
  Sender sender(server_);
  {
    const CommitBlock block(server_);
    ASSERT_TRUE(sender.Send(1, TestWaveform(TestPoint(0), NowUs() - 1'000'000, 4096)));
    EXPECT_TRUE(Eventually([&] { return server_.tenants().budget().used_bytes() > 16'384; }));
    v1::IngestWaveformRequest request;
    *request.mutable_waveform() = TestWaveform(TestPoint(1), NowUs() - 1'000'000, 4096);
    v1::IngestWaveformResponse response;
    grpc::ClientContext context;
    ExpectRefused(server_.NewStub()->IngestWaveform(&context, request, &response),
                  StatusCode::RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED");
  }
  EXPECT_EQ(sender.ReadAck().value().result().outcome(), Outcome::OUTCOME_ACCEPTED);
}

TEST_F(Quotas, OfAnotherServerAreHeldOnceItRefreshes) {
  ASSERT_TRUE(Update("quota { name: 'sites/s/quota' stream_count: 1 }").ok());
  Tenants replica(1 << 20);
  const auto site = replica.OfSite("sites/s");
  const auto connection = server_.Connect();
  RefreshQuotas(replica, *connection);
  EXPECT_TRUE(site->OpenStream().ok());
  EXPECT_FALSE(site->OpenStream().ok());
  ASSERT_TRUE(Delete("sites/s/quota").ok());
  RefreshQuotas(replica, *connection);
  EXPECT_TRUE(site->OpenStream().ok());
  // What nobody can read changes nothing.
  ASSERT_TRUE(Update("quota { name: 'sites/s/quota' stream_count: 1 }").ok());
  RefreshQuotas(replica, *connection);
  ASSERT_TRUE(connection->Execute("UPDATE quota SET definition = '[]'").ok());
  RefreshQuotas(replica, *connection);
  EXPECT_FALSE(site->OpenStream().ok());
}

}  // namespace
}  // namespace auscult::server
