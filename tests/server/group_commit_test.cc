#include "server/group_commit.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "server/errors.h"

namespace auscult::server {
namespace {

TEST(GroupCommit, AnswersUnavailableWhenTheDatabaseStaysAwayWhileDraining) {
  Config config;
  config.shutdown_grace_s = 1;
  db::BaselineCache baselines(1);
  GroupCommit commit(config, "host=/nowhere dbname=none", &baselines);
  std::atomic<int> answered{0};
  for (int point = 0; point < 4; ++point) {
    db::Record record;
    record.asset_id = record.point_id = point;
    record.measured_at_us = 1'700'000'000'000'000;
    record.features.set_id = features::kVibrationSet;
    record.features.channel_count = 1;
    record.features.values.resize(
        features::FindFeatureSet(features::kVibrationSet)->features.size());
    commit.Submit(std::move(record), [&](const absl::StatusOr<db::Outcome>& outcome) {
      const v1::Rejection rejection = ToRejection(outcome.status());
      EXPECT_EQ(rejection.reason(), "DATABASE_UNAVAILABLE");
      EXPECT_TRUE(rejection.has_retry_after());
      ++answered;
    });
  }
  const auto begin = std::chrono::steady_clock::now();
  commit.Drain();
  EXPECT_EQ(answered, 4);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace auscult::server
