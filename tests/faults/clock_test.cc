// The clock of a server steps, as when somebody sets it or a virtual machine wakes up.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "tests/faults/ledger.h"
#include "tests/faults/rescoring.h"
#include "tests/faults/server_under_test.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::faults {
namespace {

using std::chrono::milliseconds;

constexpr char kLibrary[] = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

// The wall clock of the programs that are started while it lives, whenever they run; the monotonic
// one goes on as it is.
class FakeClock {
 public:
  FakeClock() : file_(testing::TempDir() + "/fake_clock_" + std::to_string(getpid())) {
    Step("+0");
    setenv("LD_PRELOAD", kLibrary, 1);
    setenv("FAKETIME_TIMESTAMP_FILE", file_.c_str(), 1);
    setenv("FAKETIME_NO_CACHE", "1", 1);
    setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
    setenv("FAKETIME_DONT_RESET", "1", 1);
  }
  ~FakeClock() {
    StartNoMore();
    std::filesystem::remove(file_);
  }
  FakeClock(const FakeClock&) = delete;
  FakeClock& operator=(const FakeClock&) = delete;

  // Programs started from now on have the clock of the machine.
  static void StartNoMore() {
    for (const char* name : {"LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE",
                             "FAKETIME_DONT_FAKE_MONOTONIC", "FAKETIME_DONT_RESET"}) {
      unsetenv(name);
    }
  }
  // "+3600": an hour ahead of the machine.
  void Step(const std::string& offset) const {
    std::ofstream(file_ + ".new") << offset << "\n";
    std::filesystem::rename(file_ + ".new", file_);
  }

 private:
  const std::string file_;
};

class Clock : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "NOT TESTED with sanitizers: libfaketime has to come before their library";
#endif
    if (!std::filesystem::exists(kLibrary)) {
      GTEST_SKIP() << "NOT TESTED: steps of the clock; install libfaketime";
    }
  }
};

TEST_F(Clock, ThatStepsLosesNothing) {
  support::TestDatabase database;
  const auto connection = database.Connect();
  MakePlant(*connection);
  const FakeClock clock;
  ServerUnderTest server({"--database", database.conninfo()});
  FakeClock::StartNoMore();
  Ledger ledger(4, [&](int) { return server.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(200));
  // Records are of an hour ago, hence a step back makes none of them one of the future.
  int steps = 0;
  for (const char* offset : {"+7200", "-1800", "+36000", "+0"}) {
    clock.Step(offset);
    ++steps;
    std::this_thread::sleep_for(milliseconds(1500));
    EXPECT_TRUE(server.IsReady()) << offset;
    ASSERT_TRUE(ledger.AwaitPast(ledger.MarkNow())) << offset;
  }
  Conclude("steps of the server's clock", steps, ledger.Close(*connection));
  EXPECT_EQ(server.Stop(), 0);
}

TEST_F(Clock, ThatIsWrongTakesNobodysLease) {
  support::TestDatabase database;
  const auto connection = database.Connect();
  MakePlant(*connection);
  const std::vector<std::string> arguments = {"--database", database.conninfo(), "--job-lease-s",
                                              "30",         "--job-threads",     "1"};
  const FakeClock clock;
  ServerUnderTest ahead(arguments);
  FakeClock::StartNoMore();
  ServerUnderTest right(arguments);
  {
    Ledger ledger(4, [&](int) { return right.address(); }, {.per_second = 1000});
    ASSERT_TRUE(ledger.AwaitAcks(4000));
    ledger.Close(*connection);
  }
  // Any lease by the wall clock would have run out, and back again.
  bool is_ahead = false;
  const v1::Rescore rescore = AwaitRescore(right.address(), StartRescore(right.address()), [&] {
    is_ahead = !is_ahead;
    clock.Step(is_ahead ? "+86400" : "-86400");
  });
  EXPECT_EQ(rescore.state(), v1::Rescore::STATE_DONE) << rescore.problem();
  const auto stolen = connection->Query("SELECT count(*) FROM rescore_shard WHERE fence > 1");
  ASSERT_TRUE(stolen.ok()) << stolen.status();
  EXPECT_EQ(stolen->Int(0, 0), 0);
  const auto scores = connection->Query(
      "SELECT (SELECT count(*) FROM score WHERE run <> 0) - (SELECT count(*) FROM trend)");
  ASSERT_TRUE(scores.ok()) << scores.status();
  EXPECT_EQ(scores->Int(0, 0), 0);
  EXPECT_EQ(ahead.Stop(), 0);
  EXPECT_EQ(right.Stop(), 0);
}

}  // namespace
}  // namespace auscult::faults
