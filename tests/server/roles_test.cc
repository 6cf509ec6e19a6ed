// Servers of one database that share the work by role.
#include "server/roles.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "auscult/v1/alarm_service.grpc.pb.h"
#include "auscult/v1/model_service.grpc.pb.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "server/fleet_health.h"
#include "server/server.h"
#include "tests/models/made_classifier.h"
#include "tests/server/ingest_fixture.h"
#include "tests/server/plant_server.h"
#include "tests/server/raw_call.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;

TEST(Roles, AreReadFromAList) {
  const auto all = ParseRoles("jobs, api,ingest");
  ASSERT_TRUE(all.ok());
  EXPECT_TRUE(all->ingest && all->api && all->jobs);
  const auto one = ParseRoles("ingest");
  ASSERT_TRUE(one.ok());
  EXPECT_TRUE(one->ingest && !one->api && !one->jobs && !one->rest);
  EXPECT_FALSE(ParseRoles("rest")->serves_grpc());
  for (const char* wrong : {"", "ingest,", "Api", "all", "ingest api"}) {
    const absl::Status status = ParseRoles(wrong).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << wrong;
    EXPECT_THAT(std::string(status.message()), HasSubstr("ingest, api, jobs"));
  }
}

class RoleServers : public ::testing::Test {
 protected:
  std::unique_ptr<Server> StartServer(const std::string& roles) {
    Config config;
    config.listen = "127.0.0.1:0";
    config.rest_listen = "127.0.0.1:0";
    config.database = database_.conninfo();
    config.roles = roles;
    auto server = Server::Start(config);
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }
  static std::shared_ptr<grpc::Channel> ChannelTo(const Server& server) {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(server.port()),
                               grpc::InsecureChannelCredentials());
  }
  int64_t Count(db::Sql sql) {
    const auto rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, 0) : -1;
  }
  // Sends a record and answers what became of it.
  static v1::IngestResult Ingest(grpc::Channel& channel, int point, int64_t time_us) {
    v1::IngestWaveformRequest request;
    *request.mutable_waveform() =
        TestWaveform(TestPoint(point), time_us, 512, static_cast<int>(time_us % 97));
    v1::IngestWaveformResponse response;
    grpc::ClientContext context;
    const auto stub =
        v1::IngestService::NewStub(std::shared_ptr<grpc::ChannelInterface>(&channel, [](auto*) {}));
    const grpc::Status status = stub->IngestWaveform(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.result();
  }

  support::TestDatabase database_{};
  std::unique_ptr<db::Connection> connection_{database_.Connect()};
};

TEST_F(RoleServers, SayWhoServesWhatTheyDoNot) {
  const auto ingest = StartServer("ingest"), rest = StartServer("api,jobs");
  ASSERT_NE(ingest, nullptr);
  ASSERT_NE(rest, nullptr);
  EXPECT_THAT(ingest->Description(), HasSubstr("serves     ingest\n"));
  const auto to_ingest = ChannelTo(*ingest), to_rest = ChannelTo(*rest);
  v1::ListSitesResponse sites;
  grpc::ClientContext listing;
  grpc::Status status = v1::AssetService::NewStub(to_ingest)->ListSites(&listing, {}, &sites);
  ExpectRefused(status, StatusCode::UNIMPLEMENTED, "ROLE_NOT_SERVED");
  EXPECT_THAT(RefusalOf(status).remedy, HasSubstr("\"api\""));
  grpc::ClientContext watching;
  v1::WatchAlarmsRequest watch;
  v1::WatchAlarmsResponse change;
  const auto changes = v1::AlarmService::NewStub(to_ingest)->WatchAlarms(&watching, watch);
  EXPECT_FALSE(changes->Read(&change));
  ExpectRefused(changes->Finish(), StatusCode::UNIMPLEMENTED, "ROLE_NOT_SERVED");
  v1::IngestWaveformResponse response;
  grpc::ClientContext sending;
  status = v1::IngestService::NewStub(to_rest)->IngestWaveform(&sending, {}, &response);
  ExpectRefused(status, StatusCode::UNIMPLEMENTED, "ROLE_NOT_SERVED");
  EXPECT_THAT(RefusalOf(status).remedy, HasSubstr("\"ingest\""));
  grpc::ClientContext streaming;
  const auto stream = v1::IngestService::NewStub(to_rest)->StreamWaveforms(&streaming);
  v1::StreamWaveformsResponse ack;
  EXPECT_FALSE(stream->Read(&ack));
  ExpectRefused(stream->Finish(), StatusCode::UNIMPLEMENTED, "ROLE_NOT_SERVED");

  EXPECT_EQ(AskHealth(to_ingest, "").bytes, kServing);
  EXPECT_EQ(AskHealth(to_ingest, "auscult.v1.IngestService").bytes, kServing);
  EXPECT_EQ(AskHealth(to_ingest, "auscult.v1.AssetService").bytes, kNotServing);
  EXPECT_EQ(AskHealth(to_rest, "auscult.v1.AdminService").bytes, kServing);
  EXPECT_EQ(AskHealth(to_rest, "auscult.v1.IngestService").bytes, kNotServing);
  const RawAnswer unknown = RawCall(to_rest, "/auscult.v1.NoSuchService/Call", {"", 0});
  EXPECT_EQ(unknown.status.error_code(), StatusCode::UNIMPLEMENTED);
}

TEST_F(RoleServers, WorkOnOnePlantTogether) {
  const auto ingest = StartServer("ingest"), api = StartServer("api"), jobs = StartServer("jobs");
  ASSERT_TRUE(ingest && api && jobs);
  CreateTestPlant(*connection_);
  const auto to_ingest = ChannelTo(*ingest), to_api = ChannelTo(*api);
  const int64_t now = NowUs();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Ingest(*to_ingest, 0, now + i * 1000).outcome(), v1::IngestResult::OUTCOME_ACCEPTED);
  }
  const auto assets = v1::AssetService::NewStub(to_api);
  v1::GetPointRequest request;
  request.set_name(TestPoint(0));
  v1::Point point;
  grpc::ClientContext reading;
  ASSERT_TRUE(assets->GetPoint(&reading, request, &point).ok());
  EXPECT_EQ(point.health().record_count(), 20);
  // An operation asked of the one is done by the other.
  const auto models = v1::ModelService::NewStub(to_api);
  v1::ImportModelVersionRequest import;
  import.set_parent("models/diagnosis");
  import.set_file(models::MadeClassifier().Serialize());
  v1::ModelVersion version;
  grpc::ClientContext importing;
  ASSERT_TRUE(models->ImportModelVersion(&importing, import, &version).ok());
  auto compare = Parsed<v1::CompareModelVersionsRequest>(
      "base: 'models/diagnosis/versions/0' scope: 'sites/-' start_time { seconds: 1700000000 }"
      " end_time { seconds: 1800000000 }");
  compare.set_candidate(version.name());
  google::longrunning::Operation operation;
  grpc::ClientContext comparing;
  const grpc::Status asked = models->CompareModelVersions(&comparing, compare, &operation);
  ASSERT_TRUE(asked.ok()) << asked.error_message();
  const auto operations = google::longrunning::Operations::NewStub(to_api);
  EXPECT_TRUE(Eventually([&] {
    google::longrunning::GetOperationRequest get;
    get.set_name(operation.name());
    grpc::ClientContext asking;
    return operations->GetOperation(&asking, get, &operation).ok() && operation.done();
  }));
}

TEST_F(RoleServers, WithoutJobsNobodyDoesTheWork) {
  const auto api = StartServer("ingest,api");
  ASSERT_NE(api, nullptr);
  ASSERT_TRUE(connection_
                  ->Execute("INSERT INTO operation (kind, request) VALUES ('compare', ''),"
                            " ('train', '')")
                  .ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_EQ(Count("SELECT sum(fence) FROM operation"), 0);
  const auto jobs = StartServer("jobs");
  ASSERT_NE(jobs, nullptr);
  EXPECT_TRUE(
      Eventually([&] { return Count("SELECT count(*) FROM operation WHERE fence > 0") > 0; }));
}

// Two equal servers are sent the same records at the same time.
TEST_F(RoleServers, TakeTheSameRecordsOnceBetweenThem) {
  const auto first = StartServer("ingest,api,jobs"), second = StartServer("ingest,api,jobs");
  ASSERT_TRUE(first && second);
  CreateTestPlant(*connection_);
  constexpr int kRecords = 150, kPoints = 2;
  const int64_t begin = NowUs();
  std::map<v1::IngestResult::Outcome, int> outcomes;
  std::mutex mutex;
  {
    std::vector<std::jthread> senders;
    for (const Server* server : {first.get(), second.get()}) {
      for (int point = 0; point < kPoints; ++point) {
        senders.emplace_back([&, server, point] {
          const auto channel = ChannelTo(*server);
          for (int i = 0; i < kRecords; ++i) {
            const auto outcome = Ingest(*channel, point, begin + i * 1000).outcome();
            const std::lock_guard lock(mutex);
            ++outcomes[outcome];
          }
        });
      }
    }
  }
  constexpr int kAll = kRecords * kPoints;
  EXPECT_EQ(outcomes[v1::IngestResult::OUTCOME_ACCEPTED], kAll);
  EXPECT_EQ(outcomes[v1::IngestResult::OUTCOME_DUPLICATE], kAll);
  EXPECT_EQ(Count("SELECT count(*) FROM trend"), kAll);
  EXPECT_EQ(Count("SELECT count(*) FROM score"), kAll);
  EXPECT_EQ(Count("SELECT count(*) FROM waveform"), kAll);
  EXPECT_EQ(Count("SELECT sum(record_count) FROM point_state"), kAll);
}

}  // namespace
}  // namespace auscult::server
