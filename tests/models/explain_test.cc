#include "models/explain.h"

#include <gtest/gtest.h>

#include "models/distributions.h"
#include "tests/models/made_features.h"

namespace auscult::models {
namespace {

TEST(Quantiles, AreThoseOfTheTables) {
  EXPECT_NEAR(FQuantile(0.95, 5, 10), 3.3258, 1e-3);
  EXPECT_NEAR(FQuantile(0.99, 10, 50), 2.6981, 1e-3);
  EXPECT_NEAR(FQuantile(0.95, 1, 1), 161.4476, 1e-2);
  EXPECT_NEAR(ChiSquareQuantile(0.99, 10), 23.2093, 1e-3);
  EXPECT_NEAR(ChiSquareQuantile(0.95, 1), 3.8415, 1e-3);
  EXPECT_NEAR(ChiSquareQuantile(0.99, 2.5), 10.3112, 1e-3);
}

TEST(Explain, FindsHealthyRecordsHealthy) {
  HealthyPoint point(7, {.own_db = 0.3, .common_db = 0.5, .common_memory = 0.8, .outliers = 0});
  const auto window = point.Next(200);
  int beyond = 0;
  double p = 0;
  constexpr int kRecords = 100;
  for (int i = 0; i < kRecords; ++i) {
    const auto explanation = Explain(window, point.Next());
    ASSERT_TRUE(explanation.ok()) << explanation.status();
    beyond += explanation->t2.value > explanation->t2.limit ||
              explanation->q.value > explanation->q.limit;
    p += explanation->nearest_p / kRecords;
  }
  EXPECT_LE(beyond, 10);
  EXPECT_GT(p, 0.3);
}

TEST(Explain, NamesTheFeatureThatDeparts) {
  HealthyPoint point(8);
  const auto window = point.Next(120);
  features::FeatureVector record = point.Next();
  const int index = IndexOf(record, "peak_db");
  record.values[index] += 12;
  const auto explanation = Explain(window, record);
  ASSERT_TRUE(explanation.ok()) << explanation.status();
  EXPECT_GT(
      explanation->t2.value / explanation->t2.limit + explanation->q.value / explanation->q.limit,
      2);
  EXPECT_GT(explanation->nearest.value, explanation->nearest.limit);
  EXPECT_NEAR(explanation->nearest_p, 1.0 / 121, 1e-9);
  ASSERT_FALSE(explanation->contributions.empty());
  EXPECT_EQ(explanation->contributions[0].value_index, index);
  EXPECT_GT(explanation->contributions[0].share, 0.8);
  EXPECT_NEAR(explanation->contributions[0].value - explanation->contributions[0].usual, 12, 2.5);
}

TEST(Explain, RefusesWhatItCannotCompare) {
  HealthyPoint point(9);
  const auto window = point.Next(30);
  EXPECT_FALSE(Explain(std::span(window).first(10), point.Next()).ok());
  EXPECT_FALSE(Explain(window, BlankFeatures()).ok());
  EXPECT_FALSE(Explain(window, BlankFeatures(features::kCurrentSet)).ok());
  EXPECT_FALSE(Explain(window, BlankFeatures(features::kVibrationSet, 2)).ok());
}

}  // namespace
}  // namespace auscult::models
