// SIGTERM under load, and of a server that is nothing but HTTP.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/faults/ledger.h"
#include "tests/faults/server_under_test.h"
#include "tests/server/rest/raw_http.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::faults {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::unique_ptr<rest::RawHttp> Watch(int port) {
  auto watcher = std::make_unique<rest::RawHttp>(port);
  watcher->Send(
      "GET /v1/sites/-/alarms:watch HTTP/1.1\r\nHost: localhost\r\n"
      "Accept: text/event-stream\r\n\r\n");
  EXPECT_NE(watcher->ReadTo("\r\n\r\n").find(" 200 "), std::string::npos);
  return watcher;
}

TEST(Stop, UnderLoadLosesNothing) {
  support::TestDatabase database;
  const auto connection = database.Connect();
  MakePlant(*connection);
  ServerUnderTest server({"--database", database.conninfo()});
  Ledger ledger(4, [&](int) { return server.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(100));
  std::minstd_rand random(19);
  const int stops = Count("AUSCULT_STOPS", 3);
  double worst_s = 0;
  for (int i = 0; i < stops; ++i) {
    const auto watcher = Watch(server.process().http_port());
    std::this_thread::sleep_for(milliseconds(50 + random() % 200));
    const auto since = Clock::now();
    EXPECT_EQ(server.Stop(), 0);
    worst_s = std::max(worst_s, std::chrono::duration<double>(Clock::now() - since).count());
    server.Start();
    ASSERT_TRUE(ledger.AwaitPast(ledger.MarkNow()));
  }
  // With open streams of both kinds the grace of 20 s is not needed.
  EXPECT_LT(worst_s, 15);
  std::printf("        ended within %.2f s\n", worst_s);
  Conclude("SIGTERM under load", stops, ledger.Close(*connection));
  EXPECT_EQ(server.Stop(), 0);
}

TEST(Stop, OfHttpAloneDoesNotWaitForOpenStreams) {
  support::TestDatabase database;
  MakePlant(*database.Connect());
  ServerUnderTest server({"--database", database.conninfo()});
  for (int round = 0; round < Count("AUSCULT_STOPS", 3); ++round) {
    ServerUnderTest proxy({"--roles", "rest", "--rest-upstream", server.address()});
    std::vector<std::unique_ptr<rest::RawHttp>> watchers;
    for (int i = 0; i < 10; ++i) watchers.push_back(Watch(proxy.process().http_port()));
    const auto since = Clock::now();
    EXPECT_EQ(proxy.Stop(), 0);
    EXPECT_LT(Clock::now() - since, seconds(10));
    for (const auto& watcher : watchers) {
      const std::string rest = watcher->ReadAll();
      EXPECT_TRUE(rest.ends_with("0\r\n\r\n")) << "a whole stream: " << rest;
    }
  }
  EXPECT_EQ(server.Stop(), 0);
}

TEST(Stop, OfHttpAloneWhoseUpstreamIsGoneEnds) {
  support::TestDatabase database;
  MakePlant(*database.Connect());
  ServerUnderTest server({"--database", database.conninfo()});
  ServerUnderTest proxy(
      {"--roles", "rest", "--rest-upstream", server.address(), "--shutdown-grace-s", "3"});
  const auto watcher = Watch(proxy.process().http_port());
  // Frozen, it answers neither calls nor the end of calls.
  ASSERT_EQ(kill(server.process().pid(), SIGSTOP), 0);
  const auto since = Clock::now();
  EXPECT_EQ(proxy.Stop(), 0);
  EXPECT_LT(Clock::now() - since, seconds(10));
  kill(server.process().pid(), SIGCONT);
}

}  // namespace
}  // namespace auscult::faults
