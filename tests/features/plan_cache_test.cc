#include "features/plan_cache.h"

#include <gtest/gtest.h>

namespace auscult::features {
namespace {

struct CountedPlan {
  explicit CountedPlan(int samples) : length(samples) { ++made; }
  int length;
  static inline int made = 0;
};

TEST(PlanCache, MakesEachLengthOnce) {
  CountedPlan::made = 0;
  PlanCache<CountedPlan> plans;
  for (int round = 0; round < 3; ++round) {
    for (const int length : {1024, 2048, 1024}) EXPECT_EQ(plans.For(length).length, length);
  }
  EXPECT_EQ(CountedPlan::made, 2);
}

TEST(PlanCache, StaysBoundedWhateverLengthsAreAskedFor) {
  constexpr int kMost = PlanCache<CountedPlan>::kMostSamples;
  PlanCache<CountedPlan> plans;
  for (int i = 1; i < 100; ++i) {
    EXPECT_EQ(plans.For(kMost / 8 + i).length, kMost / 8 + i);
    EXPECT_LE(plans.size(), 8);
  }
  EXPECT_EQ(plans.For(kMost).length, kMost);
  EXPECT_EQ(plans.size(), 1);
}

}  // namespace
}  // namespace auscult::features
