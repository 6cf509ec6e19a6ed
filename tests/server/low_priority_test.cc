#include "server/low_priority.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "tests/support/postgres_cluster.h"

namespace auscult::server {
namespace {

TEST(LowPriority, IsThatOfTheThreadAloneAndOfThoseThatItStarts) {
  const int before = getpriority(PRIO_PROCESS, 0);
  int own = 0, inherited = 0;
  std::thread([&] {
    LowerPriority();
    own = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
    std::thread([&] { inherited = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }).join();
  }).join();
  EXPECT_EQ(own, 10);
  EXPECT_EQ(inherited, 10);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), before);
}

TEST(LowPriority, IsThatOfTheProcessBehindOneConnectionAlone) {
  support::TestDatabase database(support::PostgresCluster::Shared());
  const auto lowered = database.Connect(), other = database.Connect();
  const auto niceness = [](db::Connection& connection) {
    const auto process = connection.Query("SELECT pg_backend_pid()");
    return getpriority(PRIO_PROCESS, static_cast<id_t>(process->Int(0, 0)));
  };
  const int before = niceness(*other);
  LowerPriorityOf(*lowered);
  EXPECT_EQ(niceness(*lowered), 10);
  EXPECT_EQ(niceness(*other), before);
}

}  // namespace
}  // namespace auscult::server
