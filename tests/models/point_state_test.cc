#include "models/point_state.h"

#include <gtest/gtest.h>

#include "tests/models/learnt_point.h"
#include "tests/models/mutations.h"

namespace auscult::models {
namespace {

using features::Zone;

TEST(PointState, ComesBackFromBytesAsItWasAndGoesOnTheSame) {
  LearntPoint point;
  Random random(31);
  for (int i = 0; i < 200; ++i) {
    Score score = point.MakeScore(static_cast<float>(5 + 3 * random.Normal()), Zone::kA,
                                  i % 3 == 0 ? Fault::kBall : Fault::kHealthy, 4.321f);
    score.deviations[2] = features::kNotKnown;
    const auto parsed = PointState::Parse(point.state().Serialize());
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    const Advanced kept = Advance(point.state(), score, point.record(), 0, point.model());
    const Advanced stored = Advance(*parsed, score, point.record(), 0, point.model());
    EXPECT_EQ(kept.state.Serialize(), stored.state.Serialize());
    EXPECT_EQ(kept.health.index, stored.health.index);
    EXPECT_EQ(kept.health.severity, stored.health.severity);
    point.Feed(score);
  }
}

TEST(PointState, OfANewPointIsReadable) {
  const auto parsed = PointState::Parse(PointState().Serialize());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->condition, Condition::kLearning);
  EXPECT_EQ(parsed->records_learnt, 0);
  EXPECT_LT(PointState().Serialize().size(), 128u);
}

// A running plant is upgraded: what the release before stored is read.
TEST(PointState, OfTheFirstVersionIsReadable) {
  LearntPoint point;
  point.FeedMany(9, 5.0f, Zone::kB, Fault::kGear);
  PointState state = point.state();
  const std::string stored = state.Serialize();
  PointState blank;
  const size_t history = blank.Serialize().size() - 27;  // version 1 wrote 27 bytes of a new point
  std::string bytes = stored.substr(0, stored.size() - sizeof(uint32_t) - history);
  bytes[0] = 1;
  const uint32_t checksum = Checksum(bytes);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  const auto parsed = PointState::Parse(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->condition, state.condition);
  EXPECT_EQ(parsed->recent, state.recent);
  EXPECT_EQ(parsed->recent_verdicts, state.recent_verdicts);
  EXPECT_EQ(parsed->cadence.intervals, 0);
}

TEST(PointState, SurvivesDamagedBytes) {
  LearntPoint point;
  point.FeedMany(7, 4.5f, Zone::kB, Fault::kGear);
  const std::string bytes = point.state().Serialize();
  Random random(33);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto parsed = PointState::Parse(Mutate(bytes, random));
    if (!parsed.ok()) {
      EXPECT_EQ(parsed.status().code(), absl::StatusCode::kDataLoss);
      ++refused;
      continue;
    }
    const Score score = point.MakeScore(1, Zone::kA, Fault::kHealthy, 0);
    const Advanced advanced = Advance(*parsed, score, point.record(), 0, point.model());
    EXPECT_TRUE(PointState::Parse(advanced.state.Serialize()).ok());
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace auscult::models
