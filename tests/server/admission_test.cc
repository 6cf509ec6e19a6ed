#include "server/admission.h"

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace auscult::server {
namespace {

TEST(ByteBudget, GivesBackWhatGoesOutOfScope) {
  ByteBudget budget(100);
  {
    Reservation a, b;
    ASSERT_TRUE(budget.TryReserve(60, a));
    ASSERT_TRUE(budget.TryReserve(40, b));
    EXPECT_EQ(budget.used_bytes(), 100);
    Reservation moved = std::move(a);
    EXPECT_EQ(moved.bytes(), 60);
    EXPECT_EQ(a.bytes(), 0);  // NOLINT: what is left of it
    b = std::move(moved);
    EXPECT_EQ(budget.used_bytes(), 60) << "what was held before the move is given back";
  }
  EXPECT_EQ(budget.used_bytes(), 0);
  EXPECT_EQ(budget.peak_bytes(), 100);
}

TEST(ByteBudget, RefusesBeyondTheHardLimitAndTakesNothing) {
  ByteBudget budget(100);
  Reservation a, b;
  ASSERT_TRUE(budget.TryReserve(60, a));
  EXPECT_FALSE(budget.TryReserve(41, b));
  EXPECT_EQ(b.bytes(), 0);
  EXPECT_EQ(budget.used_bytes(), 60);
}

TEST(ByteBudget, TakesASingleMessageLargerThanItselfWhenNothingElseIsHeld) {
  ByteBudget budget(100);
  Reservation small, large;
  ASSERT_TRUE(budget.TryReserve(1, small));
  EXPECT_FALSE(budget.TryReserve(500, large));
  small = Reservation();
  EXPECT_TRUE(budget.TryReserve(500, large));
}

TEST(ByteBudget, StartsReadsBelowThreeQuartersAndWakesWhoWaited) {
  ByteBudget budget(100);
  Reservation a, b;
  ASSERT_TRUE(budget.TryReserve(74, a));
  EXPECT_TRUE(budget.MayRead([] { FAIL() << "was allowed, need not be woken"; }));
  ASSERT_TRUE(budget.TryReserve(1, b));
  int woken = 0;
  EXPECT_FALSE(budget.MayRead([&] { ++woken; }));
  EXPECT_FALSE(budget.MayRead([&] { ++woken; }));
  EXPECT_EQ(woken, 0);
  b = Reservation();
  EXPECT_EQ(woken, 2);
  a = Reservation();
  EXPECT_EQ(woken, 2) << "once each";
}

TEST(ByteBudget, WhoIsWokenMayAskAgainAtOnce) {
  ByteBudget budget(100);
  Reservation a;
  ASSERT_TRUE(budget.TryReserve(100, a));
  bool allowed = false;
  EXPECT_FALSE(budget.MayRead([&] { allowed = budget.MayRead([] {}); }));
  a = Reservation();
  EXPECT_TRUE(allowed);
}

TEST(ByteBudget, AChildTakesFromItsParentToo) {
  ByteBudget server(100);
  ByteBudget first(80, &server), second(80, &server);
  Reservation a, b, c;
  ASSERT_TRUE(first.TryReserve(70, a));
  EXPECT_EQ(server.used_bytes(), 70);
  EXPECT_FALSE(first.TryReserve(20, b)) << "beyond its own limit";
  EXPECT_FALSE(second.TryReserve(40, b)) << "beyond the parent's";
  EXPECT_EQ(second.used_bytes(), 0);
  EXPECT_EQ(server.used_bytes(), 70);
  ASSERT_TRUE(second.TryReserve(10, c));
  int woken = 0;
  EXPECT_FALSE(second.MayRead([&] { ++woken; })) << "the parent has no room";
  a = Reservation();
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(server.used_bytes(), 10);
}

// Many threads take and give; whoever is refused a read waits to be woken. Nobody is forgotten, the
// limit holds, nothing is left over.
TEST(ByteBudget, HoldsItsLimitAmongThreads) {
  constexpr int64_t kLimit = 10'000;
  ByteBudget server(kLimit);
  std::atomic<int> taken{0}, refused{0}, waiting{0}, woken{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      ByteBudget stream(6'000, &server);
      std::minstd_rand random(static_cast<unsigned>(t + 1));
      std::vector<Reservation> held;
      for (int i = 0; i < 2'000; ++i) {
        Reservation reservation;
        if (stream.TryReserve(1 + static_cast<int64_t>(random() % 2'000), reservation)) {
          held.push_back(std::move(reservation));
          ++taken;
        } else {
          ++refused;
        }
        if (!stream.MayRead([&woken] { ++woken; })) {
          ++waiting;
          held.clear();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.used_bytes(), 0);
  EXPECT_LE(server.peak_bytes(), kLimit);
  EXPECT_GT(taken, 0);
  EXPECT_GT(refused, 0);
  EXPECT_GT(waiting, 0);
  EXPECT_EQ(woken, waiting);
}

}  // namespace
}  // namespace auscult::server
