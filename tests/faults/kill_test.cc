// kill -9 under load: of the server, of a backend of PostgreSQL, of the postmaster.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "server/postmaster.h"
#include "tests/faults/ledger.h"
#include "tests/faults/server_under_test.h"
#include "tests/server/made_cluster.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::faults {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kSenders = 4;

// In the middle of whatever is going on.
void WaitAWhile(std::minstd_rand& random) {
  std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 250));
}

TEST(Kill, OfTheServerLosesNothing) {
  support::TestDatabase database;
  const auto connection = database.Connect();
  MakePlant(*connection);
  ServerUnderTest server({"--database", database.conninfo()});
  Ledger ledger(kSenders, [&](int) { return server.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(100));
  std::minstd_rand random(7);
  const int kills = Count("AUSCULT_SERVER_KILLS", 4);
  double worst_s = 0;
  for (int i = 0; i < kills; ++i) {
    WaitAWhile(random);
    const auto since = Clock::now();
    server.Kill();
    server.Start();
    worst_s = std::max(worst_s, server.ReadyAgainAfter(since, ledger));
  }
  const int64_t reconnects = ledger.reconnects();
  Conclude("kill -9 of the server", kills, ledger.Close(*connection), worst_s);
  EXPECT_GE(reconnects, kills * kSenders);
  EXPECT_EQ(server.Stop(), 0);
}

TEST(Kill, OfABackendLosesNothing) {
  support::TestDatabase database;
  auto connection = database.Connect();
  MakePlant(*connection);
  ServerUnderTest server({"--database", database.conninfo()});
  Ledger ledger(kSenders, [&](int) { return server.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(100));
  std::minstd_rand random(11);
  const int kills = Count("AUSCULT_BACKEND_KILLS", 2);
  double worst_s = 0;
  for (int i = 0; i < kills; ++i) {
    WaitAWhile(random);
    // The one that writes: its death makes PostgreSQL end all others and recover.
    const auto rows = connection->Query(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() ORDER BY state_change DESC LIMIT 1");
    ASSERT_TRUE(rows.ok()) << rows.status();
    ASSERT_EQ(rows->count(), 1);
    const auto since = Clock::now();
    ASSERT_EQ(kill(static_cast<pid_t>(rows->Int(0, 0)), SIGKILL), 0);
    while (connection->Execute("SELECT 1").ok()) {
    }
    while (!db::Reconnect(database.conninfo(), connection).ok()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    worst_s = std::max(worst_s, server.ReadyAgainAfter(since, ledger));
  }
  Conclude("kill -9 of a PostgreSQL backend", kills, ledger.Close(*connection), worst_s);
  EXPECT_EQ(server.Stop(), 0);
}

TEST(Kill, OfThePostmasterLosesNothing) {
  const server::DataFolder folder;
  server::GiveCluster(folder);
  std::vector<std::string> arguments = {"--data-dir", folder.path()};
  if (!server::ServiceUser().empty()) {
    arguments.insert(arguments.end(), {"--service-user", server::ServiceUser()});
  }
  ServerUnderTest server(arguments);
  const std::string conninfo = "host=" + folder.path() + "/run user=auscult dbname=auscult";
  auto connection = db::Connection::Open(conninfo);
  ASSERT_TRUE(connection.ok()) << connection.status();
  MakePlant(**connection);
  Ledger ledger(kSenders, [&](int) { return server.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(100));
  std::minstd_rand random(13);
  const int kills = Count("AUSCULT_POSTMASTER_KILLS", 2);
  double worst_s = 0;
  for (int i = 0; i < kills; ++i) {
    WaitAWhile(random);
    const auto killed = server::FindPostmaster(folder.cluster());
    ASSERT_TRUE(killed);
    const auto since = Clock::now();
    ASSERT_EQ(kill(killed->pid, SIGKILL), 0);
    for (auto found = killed; !found || found->pid == killed->pid || !found->ready;
         found = server::FindPostmaster(folder.cluster())) {
      ASSERT_LT(Clock::now() - since, std::chrono::seconds(60));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    worst_s = std::max(worst_s, server.ReadyAgainAfter(since, ledger));
  }
  ASSERT_TRUE(db::Reconnect(conninfo, *connection).ok());
  Conclude("kill -9 of the postmaster", kills, ledger.Close(**connection), worst_s);
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace auscult::faults
