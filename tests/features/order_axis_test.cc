#include "features/order_axis.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace auscult::features {
namespace {

constexpr double kBinsPerOrder = 41.3;

std::vector<float> RandomLevels(int count) {
  std::mt19937 random(7);
  std::uniform_real_distribution<float> uniform(-0.5f, 4.0f);
  std::vector<float> levels(count);
  for (float& level : levels) level = uniform(random);
  return levels;
}

// A spectrum with lines of level 1 around the harmonics of `order`, three bins wide.
std::vector<float> LinesAt(double order, double distance, int count) {
  std::vector<float> levels(count, 0.0f);
  for (int k = 1; k <= OrderAxis::kHarmonics; ++k) {
    const int bin = static_cast<int>(std::lround((k * order + distance) * kBinsPerOrder));
    for (int i = bin - 2; i <= bin + 2; ++i) {
      if (i >= 0 && i < count) levels[i] = 1;
    }
  }
  return levels;
}

TEST(OrderAxis, MeansTheLevelsAtTheHarmonicsOfEachOrder) {
  OrderAxis axis;
  axis.Configure(kBinsPerOrder, 2.0, 8.0, 1.0);
  const std::vector<float> levels = RandomLevels(axis.bin_count());
  axis.Load(levels, axis.bin_count());
  std::vector<float> mean(axis.size());
  axis.Means(mean);
  for (int i = 0; i < axis.size(); i += 7) {
    double sum = 0;
    for (int k = 1; k <= OrderAxis::kHarmonics; ++k) {
      // Halves of a bin are rounded up, as they lie on the axis.
      sum +=
          levels[static_cast<size_t>(std::floor(k * axis.order(i) * kBinsPerOrder + 0.5 + 1e-6))];
    }
    EXPECT_NEAR(mean[i], sum / OrderAxis::kHarmonics, 1e-5) << axis.order(i);
  }
}

TEST(OrderAxis, LeavesHarmonicsOutThatTheSpectrumDoesNotHave) {
  OrderAxis axis;
  axis.Configure(kBinsPerOrder, 2.0, 8.0, 0.0);
  const int present = static_cast<int>(12 * kBinsPerOrder);
  std::vector<float> levels(axis.bin_count(), 0.0f);
  std::fill(levels.begin(), levels.begin() + present, 1.0f);
  axis.Load(levels, present);
  std::vector<float> mean(axis.size());
  axis.Means(mean);
  for (int i = 0; i < axis.size(); ++i) EXPECT_NEAR(mean[i], 1.0f, 0.21f) << axis.order(i);
}

TEST(OrderAxis, FindsSidebandsAtTheirDistance) {
  OrderAxis axis;
  axis.Configure(kBinsPerOrder, 2.0, 8.0, 1.0);
  const double order = 5.4;
  for (const double distance : {1.0, -1.0, 0.4}) {
    SCOPED_TRACE(distance);
    const std::vector<float> levels = LinesAt(order, distance, axis.bin_count());
    axis.Load(levels, axis.bin_count());
    const std::vector<float> none(axis.size(), 0.0f);
    std::vector<float> curve(axis.size());
    axis.WithSidebands(none, std::abs(distance), 0.5f, curve);
    // One of two sidebands is there, at half weight.
    EXPECT_NEAR(curve[axis.IndexOf(order)], 0.25f, 0.01f);
    EXPECT_LT(curve[axis.IndexOf(order * 1.05)], 0.1f);
  }
}

TEST(OrderAxis, KnowsItsOrders) {
  OrderAxis axis;
  axis.Configure(kBinsPerOrder, 2.0, 8.0, 1.0);
  EXPECT_GE(axis.order(0), 2.0);
  EXPECT_LE(axis.order(axis.size() - 1), 8.0);
  for (int i = 0; i < axis.size(); i += 11) EXPECT_EQ(axis.IndexOf(axis.order(i)), i);
  EXPECT_EQ(axis.IndexOf(0.1), 0);
  EXPECT_EQ(axis.IndexOf(100), axis.size() - 1);
}

}  // namespace
}  // namespace auscult::features
