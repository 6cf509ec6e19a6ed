#include "server/fair_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace auscult::server {
namespace {

constexpr int64_t kRecord = 64 << 10;

TEST(FairQueue, KeepsTheOrderOfOneTenant) {
  FairQueue<std::string, int> queue;
  for (int i = 0; i < 100; ++i) queue.Push("a", i * 10'000, i);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(queue.Pop(), i);
  EXPECT_TRUE(queue.empty());
}

TEST(FairQueue, ANewcomerDoesNotWaitBehindWhatAnotherPutIn) {
  FairQueue<std::string, char> queue;
  for (int i = 0; i < 1000; ++i) queue.Push("greedy", kRecord, 'g');
  for (int i = 0; i < 10; ++i) queue.Pop();
  queue.Push("polite", kRecord, 'p');
  int before = 0;
  while (queue.Pop() == 'g') ++before;
  EXPECT_LE(before, 2);
}

TEST(FairQueue, SharesByCostAndNotByNumber) {
  FairQueue<std::string, char> queue;
  for (int i = 0; i < 4000; ++i) {
    queue.Push("large", 4 * kRecord, 'l');
    queue.Push("small", kRecord / 4, 's');
    queue.Push("none", 0, '0');
  }
  std::map<char, int> taken;
  while (queue.CountOf("none") > 0) queue.Pop();
  for (int i = 0; i < 1700; ++i) ++taken[queue.Pop()];
  EXPECT_NEAR(taken['s'], 16 * taken['l'], 64);
}

TEST(FairQueue, AMessageLargerThanARoundIsServedInTheEnd) {
  FairQueue<std::string, char> queue;
  queue.Push("large", 32 << 20, 'l');
  for (int i = 0; i < 2000; ++i) queue.Push("small", kRecord, 's');
  int before = 0;
  while (queue.Pop() != 'l') ++before;
  EXPECT_NEAR(before, 512, 2);
  EXPECT_EQ(queue.size(), 2000u - static_cast<size_t>(before));
}

TEST(FairQueue, WhoLeavesAndComesBackHasSavedNothingUp) {
  FairQueue<std::string, char> queue;
  for (int i = 0; i < 100; ++i) {
    queue.Push("a", 1, 'a');
    EXPECT_EQ(queue.Pop(), 'a');
  }
  for (int i = 0; i < 100; ++i) {
    queue.Push("a", kRecord, 'a');
    queue.Push("b", kRecord, 'b');
  }
  int a = 0;
  for (int i = 0; i < 100; ++i) a += queue.Pop() == 'a' ? 1 : 0;
  EXPECT_NEAR(a, 50, 1);
}

}  // namespace
}  // namespace auscult::server
