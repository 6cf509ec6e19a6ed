#include "models/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace auscult::models {
namespace {

TEST(Random, IsSplitmix64) {
  // First outputs of the published reference code for the seed 1234567.
  Random random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
  EXPECT_EQ(random.Next(), 9817491932198370423u);
}

TEST(Random, NormalHasTheMomentsOfAGaussian) {
  Random random(7);
  constexpr int kCount = 200000;
  double sum = 0, sum2 = 0, sum3 = 0, sum4 = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = random.Normal();
    sum += x;
    sum2 += x * x;
    sum3 += x * x * x;
    sum4 += x * x * x * x;
  }
  // Five standard errors of each moment.
  const double error = 5.0 / std::sqrt(kCount);
  EXPECT_NEAR(sum / kCount, 0.0, error);
  EXPECT_NEAR(sum2 / kCount, 1.0, error * std::sqrt(2.0));
  EXPECT_NEAR(sum3 / kCount, 0.0, error * std::sqrt(15.0));
  EXPECT_NEAR(sum4 / kCount, 3.0, error * std::sqrt(96.0));
}

TEST(Random, StreamsOfOneSeedAreUncorrelated) {
  Random a(5, 1, 10), b(5, 1, 11), c(5, 2, 10);
  constexpr int kCount = 20000;
  double ab = 0, ac = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = a.Normal();
    ab += x * b.Normal();
    ac += x * c.Normal();
  }
  EXPECT_NEAR(ab / kCount, 0.0, 5.0 / std::sqrt(kCount));
  EXPECT_NEAR(ac / kCount, 0.0, 5.0 / std::sqrt(kCount));
}

}  // namespace
}  // namespace auscult::models
