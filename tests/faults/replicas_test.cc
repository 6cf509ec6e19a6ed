// Two servers of one database; one is killed under load.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <thread>

#include "tests/faults/ledger.h"
#include "tests/faults/rescoring.h"
#include "tests/faults/server_under_test.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::faults {
namespace {

using std::chrono::milliseconds;

TEST(Replicas, OneThatIsKilledLosesNothingAndItsJobsGoOn) {
  support::TestDatabase database;
  const auto connection = database.Connect();
  MakePlant(*connection);
  const std::vector<std::string> arguments = {"--database", database.conninfo(), "--job-lease-s",
                                              "3",          "--job-threads",     "1"};
  ServerUnderTest first(arguments), second(arguments);
  // Each sender has a server of its choice, and takes the other while that is away.
  const auto whereto = [&](int index) {
    const std::string& wanted = (index % 2 == 0 ? first : second).address();
    return wanted.empty() ? second.address() : wanted;
  };
  Ledger ledger(4, whereto, {.per_second = 50});
  ASSERT_TRUE(ledger.AwaitAcks(400));
  std::minstd_rand random(23);
  const int kills = Count("AUSCULT_REPLICA_KILLS", 2);
  for (int i = 0; i < kills; ++i) {
    const std::string name = StartRescore(second.address());
    std::this_thread::sleep_for(milliseconds(20 + random() % 200));
    first.Kill();
    ASSERT_TRUE(ledger.AwaitPast(ledger.MarkNow())) << "the other takes the records";
    const v1::Rescore rescore = AwaitRescore(second.address(), name);
    EXPECT_EQ(rescore.state(), v1::Rescore::STATE_DONE) << rescore.problem();
    first.Start();
  }
  const auto twice = connection->Query(
      "SELECT count(*) FROM (SELECT FROM score WHERE run <> 0"
      " GROUP BY run, asset_id, point_id, measured_at HAVING count(*) > 1) AS again");
  ASSERT_TRUE(twice.ok()) << twice.status();
  EXPECT_EQ(twice->Int(0, 0), 0);
  Conclude("kill -9 of one of two replicas, with a job", kills, ledger.Close(*connection));
  EXPECT_EQ(first.Stop(), 0);
  EXPECT_EQ(second.Stop(), 0);
}

}  // namespace
}  // namespace auscult::faults
