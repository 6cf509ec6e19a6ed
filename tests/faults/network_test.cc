// What the network between the server and its clients, and between it and its database, does.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>

#include "tests/faults/ledger.h"
#include "tests/faults/server_under_test.h"
#include "tests/faults/tcp_proxy.h"
#include "tests/support/commit_cutter.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::faults {
namespace {

using std::chrono::milliseconds;
using support::CommitCutter;
constexpr int kSenders = 4;

// A server whose clients come through a proxy.
class Network : public ::testing::Test {
 protected:
  Network() { MakePlant(*connection_); }

  support::TestDatabase database_{};
  std::unique_ptr<db::Connection> connection_{database_.Connect()};
  ServerUnderTest server_{{"--database", database_.conninfo()}};
  TcpProxy proxy_{[this] { return server_.process().port(); }};
};

TEST_F(Network, CutBetweenACommitAndItsAckLosesNothing) {
  Ledger ledger(kSenders, [&](int) { return proxy_.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(100));
  const int cuts = Count("AUSCULT_CUTS", 10);
  for (int i = 0; i < cuts; ++i) {
    proxy_.CutAtNextAnswer();
    while (proxy_.cuts() <= i) std::this_thread::sleep_for(milliseconds(1));
    ASSERT_TRUE(ledger.AwaitPast(ledger.MarkNow()));
  }
  const int64_t reconnects = ledger.reconnects(), resent = ledger.resent();
  Conclude("connection to a client cut between commit and ack", cuts, ledger.Close(*connection_));
  EXPECT_GE(reconnects, cuts);
  EXPECT_GE(resent, cuts / 2) << "what was stored and not acknowledged came again";
}

TEST_F(Network, CutAtAnyByteLosesNothing) {
  Ledger ledger(kSenders, [&](int) { return proxy_.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(100));
  std::minstd_rand random(17);
  const int cuts = Count("AUSCULT_CUTS", 10);
  for (int i = 0; i < cuts; ++i) {
    proxy_.CutAfter(static_cast<int64_t>(random() % 100'000));
    while (proxy_.cuts() <= i) std::this_thread::sleep_for(milliseconds(1));
    if (i % 4 == 3) proxy_.CutAll();
    ASSERT_TRUE(ledger.AwaitPast(ledger.MarkNow()));
  }
  Conclude("connection to a client cut within a message", cuts, ledger.Close(*connection_));
}

TEST_F(Network, SilenceDelayAndAThinLineLoseNothing) {
  Pace pace;
  pace.per_second = 50;
  pace.patience = milliseconds(1500);
  Ledger ledger(
      kSenders, [&](int) { return proxy_.address(); }, pace);
  ASSERT_TRUE(ledger.AwaitAcks(20));
  const int rounds = Count("AUSCULT_STALLS", 1);
  for (int i = 0; i < rounds; ++i) {
    // Half-open for long enough that the clients come again; the server still has the old streams.
    proxy_.Stall(true);
    std::this_thread::sleep_for(milliseconds(2000));
    proxy_.Stall(false);
    ASSERT_TRUE(ledger.AwaitPast(ledger.MarkNow()));
    proxy_.Delay(milliseconds(20));
    ASSERT_TRUE(ledger.AwaitPast(ledger.MarkNow()));
    proxy_.Delay(milliseconds(0));
    proxy_.Throttle(100'000);
    ASSERT_TRUE(ledger.AwaitPast(ledger.MarkNow()));
    proxy_.Throttle(0);
  }
  EXPECT_GE(ledger.reconnects(), rounds * kSenders);
  Conclude("silent, slow and thin connections to clients", 3 * rounds, ledger.Close(*connection_));
}

TEST(Database, CutAroundACommitLosesNothing) {
  support::TestDatabase database;
  const auto connection = database.Connect();
  MakePlant(*connection);
  CommitCutter cutter(support::PostgresCluster::Shared());
  ServerUnderTest server({"--database", cutter.Through(database.conninfo())});
  Ledger ledger(kSenders, [&](int) { return server.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(100));
  const int cuts = Count("AUSCULT_CUTS", 10);
  for (int i = 0; i < cuts; ++i) {
    cutter.Arm(i % 2 == 0 ? CommitCutter::Cut::kAfter : CommitCutter::Cut::kBefore);
    while (cutter.cuts() <= i) std::this_thread::sleep_for(milliseconds(1));
    ASSERT_TRUE(ledger.AwaitPast(ledger.MarkNow()));
  }
  Conclude("connection to PostgreSQL cut around COMMIT", cuts, ledger.Close(*connection));
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace auscult::faults
