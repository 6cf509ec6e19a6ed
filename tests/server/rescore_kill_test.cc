// Servers that score history again are killed, and so is the database: every record is scored once,
// as if nothing had happened.
#include <gtest/gtest.h>

#include <memory>

#include "tests/server/daemon.h"
#include "tests/server/rescore_server.h"

namespace auscult::server {
namespace {

constexpr int kPoints = 10, kRecords = 20'000;

class RescoreUnderFire : public RescoreServer {
 protected:
  RescoreUnderFire() : RescoreServer(kPoints) {
    Store(plant_.MakeSeries(0, 0, 200));
    // The others lived the same, ten times over.
    EXPECT_TRUE(
        plant_.connection()
            .ExecuteScript(
                "SELECT make_partition(parent, instant) FROM trend,"
                "  unnest(ARRAY['trend', 'score']) AS parent,"
                "  generate_series(measured_at, measured_at + interval '90 days',"
                "   interval '10 days') AS instant WHERE measured_at = (SELECT"
                "   min(measured_at) FROM trend);"
                "INSERT INTO trend SELECT t.asset_id, p.point_id, t.measured_at"
                " + n * interval '200 hours', t.site_id, t.feature_set, t.source, t.quality,"
                " t.speed_rpm, t.load_percent, t.content_hash, t.features, t.conditions"
                " FROM trend t, point p, generate_series(0, 9) AS n ON CONFLICT DO NOTHING")
            .ok());
  }
};

TEST_F(RescoreUnderFire, ScoresEveryRecordOnce) {
  ASSERT_EQ(plant_.Count("SELECT count(*) FROM trend"), kRecords);
  const std::vector<std::string> arguments = {"--database",
                                              plant_.conninfo(),
                                              "--listen",
                                              "127.0.0.1:0",
                                              "--rest-listen",
                                              "127.0.0.1:0",
                                              "--job-lease-s",
                                              "3",
                                              "--job-threads",
                                              "1",
                                              "--allow-unsafe-database=true"};
  std::vector<std::unique_ptr<Daemon>> replicas;
  for (int i = 0; i < 2; ++i) {
    replicas.push_back(std::make_unique<Daemon>(arguments));
    ASSERT_NE(replicas.back()->AwaitAddress(), "") << replicas.back()->Err();
  }
  v1::StartRescoreRequest request = Everything();
  request.mutable_plan()->set_baseline(v1::RescorePlan::BASELINE_LEARN_AGAIN);
  v1::Rescore rescore = Started(request);
  for (int killed = 0; killed < 3; ++killed) {
    const int64_t until = kRecords * (killed + 1) / 4;
    ASSERT_TRUE(Patiently([&] {
      return Call(&Stub::GetRescore, rescore.name(), rescore).ok() &&
             rescore.progress().records_done() >= until;
    }));
    replicas[static_cast<size_t>(killed % 2)] = nullptr;  // kill -9
    replicas[static_cast<size_t>(killed % 2)] = std::make_unique<Daemon>(arguments);
  }
  EXPECT_TRUE(Patiently([&] {
    return Call(&Stub::GetRescore, rescore.name(), rescore).ok() && rescore.has_done_time();
  }));
  EXPECT_EQ(rescore.state(), v1::Rescore::STATE_DONE) << rescore.problem();
  EXPECT_EQ(rescore.problem(), "");
  EXPECT_EQ(rescore.progress().records_done(), kRecords);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM score WHERE run = 1"), kRecords);
  replicas.clear();
  // What nobody disturbed says the same.
  jobs_.Start(1);
  EXPECT_EQ(Done(request).state(), v1::Rescore::STATE_DONE);
  EXPECT_EQ(Said(1), Said(2));
}

}  // namespace
}  // namespace auscult::server
