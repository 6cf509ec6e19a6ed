#include "server/server.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "auscult/v1/ingest_service.grpc.pb.h"
#include "db/postgres.h"
#include "tests/server/raw_call.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const char* const kServices[] = {"auscult.v1.AdminService", "auscult.v1.AlarmService",
                                 "auscult.v1.AssetService", "auscult.v1.IngestService",
                                 "auscult.v1.TrendService"};

// A PostgreSQL that belongs to somebody else, as far as the server can tell.
class ServerOnAnExternalDatabase : public ::testing::Test {
 protected:
  ServerOnAnExternalDatabase() {
    config_.listen = "127.0.0.1:0";
    config_.rest_listen = "127.0.0.1:0";
    config_.database = database_.conninfo();
  }

  std::unique_ptr<Server> StartServer() {
    auto server = Server::Start(config_);
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }

  static std::shared_ptr<grpc::Channel> ChannelTo(const Server& server) {
    return grpc::CreateChannel("127.0.0.1:" + std::to_string(server.port()),
                               grpc::InsecureChannelCredentials());
  }

  support::TestDatabase database_{support::TestDatabase::Empty{}};
  Config config_;
};

bool Eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 200; ++i) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

TEST_F(ServerOnAnExternalDatabase, TellsHealthOfEachService) {
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  const auto channel = ChannelTo(*server);
  EXPECT_EQ(AskHealth(channel, "").bytes, kServing);
  for (const char* service : kServices) {
    EXPECT_EQ(AskHealth(channel, service).bytes, kServing) << service;
  }
  EXPECT_EQ(AskHealth(channel, "auscult.v1.NoSuchService").status.error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(ServerOnAnExternalDatabase, IsAliveButNotReadyWhileTheDatabaseIsAway) {
  support::PostgresCluster cluster;
  const support::TestDatabase database(support::TestDatabase::Empty{}, cluster);
  config_.database = database.conninfo();
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  const auto channel = ChannelTo(*server);
  cluster.Kill();
  EXPECT_TRUE(Eventually([&] { return AskHealth(channel, kServices[0]).bytes == kNotServing; }));
  EXPECT_EQ(AskHealth(channel, "").bytes, kServing);
  cluster.Start();
  EXPECT_TRUE(Eventually([&] { return AskHealth(channel, kServices[0]).bytes == kServing; }));
  v1::ListSitesResponse sites;
  grpc::ClientContext context;
  const grpc::Status status = v1::AssetService::NewStub(channel)->ListSites(&context, {}, &sites);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(ServerOnAnExternalDatabase, ListsItsServicesByReflection) {
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  // ServerReflectionRequest{list_services: ""}, one message of a stream.
  const RawAnswer answer =
      RawCall(ChannelTo(*server), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
              {"\x3a\x00", 2});
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  for (const char* service : kServices) EXPECT_THAT(answer.bytes, HasSubstr(service));
  EXPECT_THAT(answer.bytes, HasSubstr("grpc.health.v1.Health"));
}

TEST_F(ServerOnAnExternalDatabase, SaysWhereItListensAndStoresButNoPassword) {
  config_.database += " password=s3cret";
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  EXPECT_THAT(server->Description(), AllOf(HasSubstr("127.0.0.1:" + std::to_string(server->port())),
                                           HasSubstr("from this machine only"),
                                           HasSubstr("password=***"), Not(HasSubstr("s3cret"))));
}

TEST_F(ServerOnAnExternalDatabase, RefusesAnOccupiedPortAndLeavesItsOwnerAlone) {
  const auto first = StartServer();
  ASSERT_NE(first, nullptr);
  Config config = config_;
  config.listen = "127.0.0.1:" + std::to_string(first->port());
  const auto second = Server::Start(config);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(HasSubstr(config.listen), HasSubstr("taken"), HasSubstr("--listen")));
  EXPECT_EQ(AskHealth(ChannelTo(*first), "").bytes, kServing);
}

TEST_F(ServerOnAnExternalDatabase, SharesADatabaseWithAnotherServer) {
  const auto first = StartServer(), second = StartServer();
  ASSERT_NE(first, nullptr);
  ASSERT_NE(second, nullptr);
  v1::CreateSiteRequest request;
  request.set_site_id("hamburg");
  request.mutable_site()->set_display_name("Hamburg");
  v1::Site created;
  grpc::ClientContext creating, reading;
  const grpc::Status status =
      v1::AssetService::NewStub(ChannelTo(*first))->CreateSite(&creating, request, &created);
  ASSERT_TRUE(status.ok()) << status.error_message();
  v1::ListSitesResponse sites;
  ASSERT_TRUE(v1::AssetService::NewStub(ChannelTo(*second))->ListSites(&reading, {}, &sites).ok());
  ASSERT_EQ(sites.sites_size(), 1);
  EXPECT_EQ(sites.sites(0).name(), "sites/hamburg");
}

TEST_F(ServerOnAnExternalDatabase, RefusesAMessageBeyondTheLimitAndServesOn) {
  config_.max_message_bytes = 1 << 20;
  const auto server = StartServer();
  ASSERT_NE(server, nullptr);
  const auto channel = ChannelTo(*server);
  v1::IngestWaveformRequest request;
  request.mutable_waveform()->add_channels()->mutable_encoded()->set_octets(
      std::string(100 << 20, '\0'));
  v1::IngestWaveformResponse response;
  grpc::ClientContext context;
  const grpc::Status status =
      v1::IngestService::NewStub(channel)->IngestWaveform(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("larger than max"));
  EXPECT_EQ(AskHealth(channel, "").bytes, kServing);
}

TEST_F(ServerOnAnExternalDatabase, LeavesTheDatabaseRunningAtShutdown) {
  auto server = StartServer();
  ASSERT_NE(server, nullptr);
  server->Shutdown();
  server.reset();
  EXPECT_TRUE(db::Connection::Open(database_.conninfo()).ok());
}

TEST(Server, SaysWithinSecondsThatTheDatabaseCannotBeReached) {
  Config config;
  config.listen = "127.0.0.1:0";
  config.rest_listen = "127.0.0.1:0";
  config.database = "postgresql://auscult:s3cret@127.0.0.1:1/auscult";
  const auto begin = std::chrono::steady_clock::now();
  const auto server = Server::Start(config);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(server.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(server.status().message()),
              AllOf(HasSubstr("127.0.0.1:1/auscult"), HasSubstr("refused"),
                    HasSubstr("leave `database` out"), Not(HasSubstr("s3cret"))));
}

TEST(Server, RefusesAnAddressThatOthersCanReach) {
  Config config;
  config.listen = "0.0.0.0:0";
  EXPECT_THAT(std::string(Server::Start(config).status().message()), HasSubstr("TLS"));
}

}  // namespace
}  // namespace auscult::server
