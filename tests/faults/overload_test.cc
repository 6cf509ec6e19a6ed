// More than the server can take. Figures of overload: bench/overload_bench.cc.
#include <gtest/gtest.h>

#include "tests/faults/ledger.h"
#include "tests/faults/server_under_test.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::faults {
namespace {

TEST(Overload, IsRefusedAndLosesNothing) {
  support::TestDatabase database;
  const auto connection = database.Connect();
  MakePlant(*connection);
  ServerUnderTest server({"--database", database.conninfo(), "--max-message-bytes", "256KB",
                          "--ingest-buffer-bytes", "2MB", "--stream-buffer-bytes", "1MB",
                          "--workers", "1"});
  Pace pace;
  pace.per_second = 1e6;
  pace.window = 100;
  pace.samples = 8192;
  Ledger ledger(
      8, [&](int) { return server.address(); }, pace);
  EXPECT_TRUE(ledger.AwaitAcks(Count("AUSCULT_OVERLOAD_RECORDS", 300)));
  EXPECT_TRUE(server.IsReady());
  const int64_t retries = ledger.retries_asked();
  Conclude("overload", 1, ledger.Close(*connection));
  std::printf("        %lld records were asked to come again\n", static_cast<long long>(retries));
  EXPECT_TRUE(server.IsReady());
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace auscult::faults
