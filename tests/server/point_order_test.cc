#include "server/point_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace auscult::server {
namespace {

using Turn = std::shared_ptr<PointOrder::Turn>;

TEST(PointOrder, LastStepsOfAPointRunInTheOrderOfTheTurns) {
  PointOrder order;
  std::string steps;
  const Turn first = order.Take("p"), second = order.Take("p"), third = order.Take("p");
  order.End(third, [&] { steps += '3'; });
  order.End(second, [&] { steps += '2'; });
  EXPECT_EQ(steps, "");
  order.End(first, [&] { steps += '1'; });
  EXPECT_EQ(steps, "123");
}

TEST(PointOrder, PointsDoNotWaitForEachOther) {
  PointOrder order;
  std::string steps;
  const Turn slow = order.Take("slow");
  order.End(order.Take("quick"), [&] { steps += 'q'; });
  EXPECT_EQ(steps, "q");
  order.End(slow, [&] { steps += 's'; });
  EXPECT_EQ(steps, "qs");
}

TEST(PointOrder, ATurnWithoutALastStepLetsTheNextPass) {
  PointOrder order;
  std::string steps;
  const Turn rejected = order.Take("p"), good = order.Take("p");
  order.End(good, [&] { steps += 'g'; });
  order.End(rejected, nullptr);
  EXPECT_EQ(steps, "g");
}

TEST(PointOrder, HoldsAmongThreads) {
  constexpr int kPoints = 8, kTurns = 2'000;
  PointOrder order;
  std::vector<Turn> turns;
  for (int i = 0; i < kTurns; ++i) turns.push_back(order.Take("p" + std::to_string(i % kPoints)));
  std::vector<std::vector<int>> seen(kPoints);  // each written under its point's order only
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<int> mine;
      for (int i = t; i < kTurns; i += 4) mine.push_back(i);
      std::shuffle(mine.begin(), mine.end(), std::minstd_rand(static_cast<unsigned>(t + 1)));
      for (const int i : mine) {
        order.End(turns[i], [&seen, i] { seen[i % kPoints].push_back(i); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int point = 0; point < kPoints; ++point) {
    ASSERT_EQ(seen[point].size(), static_cast<size_t>(kTurns / kPoints));
    EXPECT_TRUE(std::is_sorted(seen[point].begin(), seen[point].end()));
  }
}

}  // namespace
}  // namespace auscult::server
