#include "cli/forward_queue.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"

namespace auscult::cli {
namespace {

std::string NextOf(ForwardQueue& queue, absl::Duration wait = absl::ZeroDuration()) {
  const std::optional<ForwardQueue::Item> item = queue.Next(absl::Now() + wait);
  return item ? item->lane + std::to_string(item->number) : "";
}

TEST(ForwardQueue, HasOneOfALaneOnItsWayAndKeepsTheOrder) {
  ForwardQueue queue(1);
  queue.Add(1, "a");
  queue.Add(2, "a");
  queue.Add(3, "b");
  EXPECT_EQ(NextOf(queue), "a1");
  EXPECT_EQ(NextOf(queue), "b3");
  EXPECT_EQ(NextOf(queue), "");
  EXPECT_EQ(queue.on_way(), 2u);
  queue.Done(1, "a");
  EXPECT_EQ(NextOf(queue), "a2");
  queue.Done(3, "b");
  queue.Done(2, "a");
  queue.Done(2, "a");
  EXPECT_TRUE(queue.empty());
}

TEST(ForwardQueue, LetsALaneRestAndTheOthersGoOn) {
  ForwardQueue queue(1);
  queue.Add(1, "a");
  queue.Add(2, "a");
  queue.Add(3, "b");
  EXPECT_EQ(NextOf(queue), "a1");
  queue.Return(1, "a", absl::Milliseconds(50));
  EXPECT_EQ(NextOf(queue), "b3");
  EXPECT_EQ(NextOf(queue), "");
  EXPECT_EQ(NextOf(queue, absl::Seconds(5)), "a1");
}

TEST(ForwardQueue, TakesBackAllThatIsOnItsWay) {
  ForwardQueue queue(2);
  for (uint64_t number = 1; number <= 4; ++number) queue.Add(number, "a");
  EXPECT_EQ(NextOf(queue), "a1");
  EXPECT_EQ(NextOf(queue), "a2");
  EXPECT_EQ(NextOf(queue), "");
  queue.ReturnAll();
  EXPECT_EQ(queue.on_way(), 0u);
  EXPECT_EQ(NextOf(queue), "a1");
  EXPECT_EQ(NextOf(queue), "a2");
  queue.Return(1, "a", absl::ZeroDuration());
  EXPECT_EQ(NextOf(queue), "a1");
}

}  // namespace
}  // namespace auscult::cli
