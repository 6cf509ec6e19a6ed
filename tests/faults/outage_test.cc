// The database is away, frozen, or has no connection to give.
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "auscult/v1/rescore_service.grpc.pb.h"
#include "server/postmaster.h"
#include "tests/faults/ledger.h"
#include "tests/faults/server_under_test.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::faults {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

grpc::Status ListSites(const ServerUnderTest& server, seconds deadline = seconds(20)) {
  const auto stub = v1::AssetService::NewStub(
      grpc::CreateChannel(server.address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  v1::ListSitesResponse response;
  return stub->ListSites(&context, {}, &response);
}

grpc::Status ListSchedules(const ServerUnderTest& server, seconds deadline = seconds(20)) {
  const auto stub = v1::RescoreService::NewStub(
      grpc::CreateChannel(server.address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  v1::ListSchedulesRequest request;
  request.set_parent("sites/s");
  v1::ListSchedulesResponse response;
  return stub->ListSchedules(&context, request, &response);
}

bool AsksToRetry(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  for (const auto& detail : details.details()) {
    if (detail.Is<google::rpc::RetryInfo>()) return true;
  }
  return false;
}

TEST(Outage, OfTheDatabaseIsSatOut) {
  support::PostgresCluster& cluster = support::PostgresCluster::Shared();
  support::TestDatabase database(cluster);
  auto connection = database.Connect();
  MakePlant(*connection);
  ServerUnderTest server({"--database", database.conninfo()});
  Ledger ledger(4, [&](int) { return server.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(200));
  cluster.Kill();
  const auto since = Clock::now();
  EXPECT_TRUE(server.AwaitReady(false, seconds(10)));
  const int64_t acked = ledger.acked();
  for (const auto end = since + seconds(Count("AUSCULT_OUTAGE_S", 4)); Clock::now() < end;) {
    const grpc::Status status = ListSites(server);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    EXPECT_TRUE(AsksToRetry(status));
    EXPECT_EQ(server.HttpStatus("/healthz"), 200) << "alive";
    EXPECT_EQ(server.HttpStatus("/readyz"), 503) << "not ready";
    EXPECT_EQ(server.HttpStatus("/v1/sites"), 503);
    std::this_thread::sleep_for(milliseconds(300));
  }
  EXPECT_EQ(ledger.acked(), acked) << "acknowledged without a database";
  cluster.Start();
  const double ready_s =
      server.ReadyAgainAfter(Clock::now(), ledger, kReadyWithinS + kComeAgainAfterS);
  ASSERT_TRUE(db::Reconnect(database.conninfo(), connection).ok());
  Conclude("database stopped", 1, ledger.Close(*connection), ready_s);
  EXPECT_EQ(server.Stop(), 0);
}

// All its processes are stopped: connections stay open, and nobody answers.
void SignalAll(const support::PostgresCluster& cluster, int signal) {
  const auto postmaster = server::FindPostmaster(cluster.socket_dir() + "/data");
  ASSERT_TRUE(postmaster);
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string text;
    std::getline(file, text);
    const size_t name_end = text.rfind(')');
    if (name_end == text.npos) continue;
    const pid_t parent = std::atoi(&text[name_end + 4]);
    if (parent == postmaster->pid) kill(std::atoi(text.c_str()), signal);
  }
  kill(postmaster->pid, signal);
}

TEST(Outage, OfAFrozenDatabaseIsNoticedAndSatOut) {
  support::PostgresCluster& cluster = support::PostgresCluster::Shared();
  support::TestDatabase database(cluster);
  const auto connection = database.Connect();
  MakePlant(*connection);
  ServerUnderTest server({"--database", database.conninfo()});
  Pace pace;
  pace.patience = seconds(120);
  Ledger ledger(
      4, [&](int) { return server.address(); }, pace);
  ASSERT_TRUE(ledger.AwaitAcks(200));
  SignalAll(cluster, SIGSTOP);
  EXPECT_TRUE(server.AwaitReady(false, seconds(15)));
  const int64_t acked = ledger.acked();
  EXPECT_EQ(server.HttpStatus("/healthz"), 200) << "alive";
  const grpc::Status status = ListSites(server, seconds(2));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  std::this_thread::sleep_for(seconds(Count("AUSCULT_FROZEN_S", 0)));
  EXPECT_EQ(ledger.acked(), acked);
  SignalAll(cluster, SIGCONT);
  const double ready_s =
      server.ReadyAgainAfter(Clock::now(), ledger, kReadyWithinS + kComeAgainAfterS);
  Conclude("database frozen", 1, ledger.Close(*connection), ready_s);
  EXPECT_EQ(server.Stop(), 0);
}

TEST(Outage, OfThePoolIsToldAndLeavesIngestAlone) {
  support::TestDatabase database;
  const auto connection = database.Connect();
  MakePlant(*connection);
  ServerUnderTest server({"--database", database.conninfo(), "--database-connections", "1"});
  Ledger ledger(4, [&](int) { return server.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(100));
  ASSERT_TRUE(
      connection->ExecuteScript("BEGIN; LOCK TABLE schedule IN ACCESS EXCLUSIVE MODE").ok());
  std::atomic<int> busy = 0, others = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 8; ++i) {
      callers.emplace_back([&] {
        const grpc::Status status = ListSchedules(server, seconds(30));
        const bool told = status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
        EXPECT_TRUE(!told || AsksToRetry(status)) << status.error_message();
        ++(told ? busy : others);
      });
    }
    // The writers have connections of their own.
    EXPECT_TRUE(ledger.AwaitAcks(500, seconds(20)));
    while (busy == 0 && others < 8) std::this_thread::sleep_for(milliseconds(10));
    EXPECT_TRUE(connection->Execute("COMMIT").ok());
  }
  EXPECT_GE(busy, 1);
  EXPECT_TRUE(ListSchedules(server).ok());
  Conclude("pool exhausted", 1, ledger.Close(*connection));
  EXPECT_EQ(server.Stop(), 0);
}

TEST(Outage, OfPostgresqlsConnectionsIsSatOut) {
  support::PostgresCluster& cluster = support::PostgresCluster::Shared();
  support::TestDatabase database(cluster);
  const auto connection = database.Connect();
  MakePlant(*connection);
  ServerUnderTest server({"--database", database.conninfo()});
  Ledger ledger(4, [&](int) { return server.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(100));
  std::vector<std::unique_ptr<db::Connection>> taken;
  for (int tries = 0; tries < 100 && server.IsReady(); ++tries) {
    // Those of the server end, and others take their place.
    for (auto more = db::Connection::Open(database.conninfo()); more.ok();
         more = db::Connection::Open(database.conninfo())) {
      taken.push_back(*std::move(more));
      ASSERT_TRUE(taken.back()->Execute("SET application_name = 'greedy'").ok());
    }
    ASSERT_TRUE(connection
                    ->Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                              " WHERE application_name <> 'greedy' AND pid <> pg_backend_pid()"
                              " AND datname = current_database()")
                    .ok());
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_FALSE(server.IsReady());
  EXPECT_EQ(server.HttpStatus("/healthz"), 200);
  // A writer may have found a connection and go on: what it acknowledges is stored.
  std::this_thread::sleep_for(seconds(1));
  taken.clear();
  const double ready_s =
      server.ReadyAgainAfter(Clock::now(), ledger, kReadyWithinS + kComeAgainAfterS);
  Conclude("PostgreSQL has no connection to give", 1, ledger.Close(*connection), ready_s);
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace auscult::faults
