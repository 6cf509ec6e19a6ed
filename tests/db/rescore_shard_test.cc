// Who may write what of a re-scoring: claims, leases, fences.
#include "db/rescore_shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "db/operation_store.h"
#include "db/rescore_store.h"
#include "tests/db/plant_of_points.h"

namespace auscult::db {
namespace {

constexpr std::chrono::milliseconds kLease{60'000}, kShort{30};

class RescoreShards : public ::testing::Test {
 protected:
  // A re-scoring of two points, the second of which is longer.
  RescoreShards() {
    run_ = AddOperation(plant_.connection(), kRescoreKind, "request", "")->id;
    Rescore rescore;
    rescore.id = run_;
    rescore.scope = "sites/-";
    rescore.period = {kStartUs, kStartUs + 1000 * kHourUs};
    EXPECT_TRUE(AddRescore(plant_.connection(), rescore).ok());
    std::vector<PlannedShard> shards;
    for (int p = 0; p < 2; ++p) {
      shards.push_back({.asset_id = plant_.point(p).asset_id,
                        .point_id = plant_.point(p).point_id,
                        .period = rescore.period,
                        .record_count = 10 + p});
    }
    EXPECT_TRUE(StorePlan(plant_.connection(), run_, shards).ok());
    // The partitions of the scores.
    TrendWriter writer(plant_.conninfo(), &baselines_);
    EXPECT_EQ(plant_.Accepted(writer.Write(plant_.MakeSeries(0, 0, 10))), 10);
  }

  std::optional<ShardClaim> Claim(std::chrono::milliseconds lease = kLease) {
    auto claim = ClaimShard(plant_.connection(), lease);
    EXPECT_TRUE(claim.ok()) << claim.status();
    return *std::move(claim);
  }
  ShardFate Store(const ShardClaim& claim, int first, int count) {
    ShardPortion portion;
    portion.state = "state";
    portion.records_done = count;
    for (int n = first; n < first + count; ++n) {
      portion.scored_to_us = kStartUs + n * kHourUs;
      portion.rows.AddScore({.asset_id = claim.asset_id,
                             .point_id = claim.point_id,
                             .measured_at_us = portion.scored_to_us,
                             .site_id = claim.site_id,
                             .run = claim.run},
                            {}, {}, "");
    }
    const auto fate = StorePortion(plant_.connection(), claim, portion, kLease);
    EXPECT_TRUE(fate.ok()) << fate.status();
    return *fate;
  }
  int64_t Scores() { return plant_.Count("SELECT count(*) FROM score WHERE run > 0"); }

  static constexpr int64_t kStartUs = PlantOfPoints::kStartUs, kHourUs = PlantOfPoints::kHourUs;
  PlantOfPoints plant_{2};
  BaselineCache baselines_{10};
  int64_t run_ = 0;
};

TEST_F(RescoreShards, AreClaimedOnceTheLongestFirst) {
  const auto first = Claim(), second = Claim();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->record_count, 11);
  EXPECT_EQ(first->point, "p1");
  EXPECT_EQ(first->attempts, 1);
  EXPECT_FALSE(first->scored_to_us);
  EXPECT_EQ(second->record_count, 10);
  EXPECT_FALSE(Claim());
}

TEST_F(RescoreShards, GoOnWhereTheOneBeforeCameToAndHeWritesNoMore) {
  const auto dead = Claim(kShort);
  ASSERT_TRUE(dead);
  EXPECT_EQ(Store(*dead, 0, 3), ShardFate::kGoOn);
  ASSERT_TRUE(ReleaseShard(plant_.connection(), *dead, std::chrono::milliseconds(0), true).ok());
  auto heir = Claim();
  ASSERT_TRUE(heir);
  EXPECT_EQ(heir->point_id, dead->point_id);
  EXPECT_EQ(heir->scored_to_us, kStartUs + 2 * kHourUs);
  EXPECT_EQ(heir->state, "state");
  EXPECT_EQ(heir->records_done, 3);
  EXPECT_EQ(Store(*dead, 3, 3), ShardFate::kLost);
  EXPECT_EQ(Scores(), 3);
  EXPECT_EQ(Store(*heir, 3, 3), ShardFate::kGoOn);
  EXPECT_EQ(Scores(), 6);
  ASSERT_TRUE(FinishShard(plant_.connection(), *dead, "dead").ok());
  EXPECT_EQ(GetRescore(plant_.connection(), run_)->counts.points_done, 0);
  ASSERT_TRUE(FinishShard(plant_.connection(), *heir, "").ok());
  const RescoreCounts counts = GetRescore(plant_.connection(), run_)->counts;
  EXPECT_EQ(counts.points_done, 1);
  EXPECT_EQ(counts.records_done, 6);
  EXPECT_EQ(counts.records_left_out, 5);  // of the 11 expected
}

TEST_F(RescoreShards, AreTakenOverWhenTheLeaseEnds) {
  const auto dead = Claim(kShort), other = Claim();
  ASSERT_TRUE(dead && other);
  std::this_thread::sleep_for(2 * kShort);
  const auto heir = Claim();
  ASSERT_TRUE(heir);
  EXPECT_EQ(heir->point_id, dead->point_id);
  EXPECT_EQ(heir->attempts, 2);
  EXPECT_EQ(Store(*dead, 0, 3), ShardFate::kLost);
  EXPECT_EQ(Scores(), 0);
}

TEST_F(RescoreShards, RestWhileItIsPausedAndStoreNothingOnceItIsDone) {
  const auto claim = Claim();
  ASSERT_TRUE(claim);
  ASSERT_TRUE(PauseRescore(plant_.connection(), run_, true).ok());
  EXPECT_FALSE(Claim());
  EXPECT_EQ(Store(*claim, 0, 3), ShardFate::kRest);  // stored all the same
  EXPECT_EQ(Scores(), 3);
  ASSERT_TRUE(PauseRescore(plant_.connection(), run_, false).ok());
  EXPECT_TRUE(Claim());
  ASSERT_TRUE(CancelOperation(plant_.connection(), run_, "cancelled").ok());
  EXPECT_EQ(Store(*claim, 3, 3), ShardFate::kLost);
  EXPECT_EQ(Scores(), 3);
  EXPECT_FALSE(Claim());
  EXPECT_TRUE(absl::IsFailedPrecondition(PauseRescore(plant_.connection(), run_, true)));
}

TEST_F(RescoreShards, GoWithTheirPoint) {
  const auto claim = Claim();
  ASSERT_TRUE(claim);
  ASSERT_TRUE(DeletePoint(plant_.connection(), "s", "a", claim->point, 0, true).ok());
  EXPECT_EQ(Store(*claim, 0, 3), ShardFate::kLost);
  EXPECT_EQ(Scores(), 0);
  EXPECT_EQ(GetRescore(plant_.connection(), run_)->counts.points, 1);
}

}  // namespace
}  // namespace auscult::db
