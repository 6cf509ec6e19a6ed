#include "server/job_pace.h"

#include <gtest/gtest.h>

#include <thread>

namespace auscult::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLong{10'000}, kWorked{30};

class Pace : public ::testing::Test {
 protected:
  static milliseconds Took(JobPace& pace, milliseconds worked) {
    const auto begin = steady_clock::now();
    pace.Rest(worked);
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  }

  ByteBudget live_{1'000'000};
  Reservation record_;
  std::atomic<bool> stopping_{false};
};

TEST_F(Pace, RestsOnlyBesideRecordsThatComeIn) {
  JobPace alone(nullptr, 0.1, kLong, &stopping_), beside(&live_, 0.1, kLong, &stopping_);
  EXPECT_FALSE(alone.IsDue(milliseconds(1000)));
  EXPECT_FALSE(beside.IsDue(milliseconds(1000))) << "none came so far";
  ASSERT_TRUE(live_.TryReserve(100, record_));
  EXPECT_TRUE(beside.IsDue(kWorked));
  EXPECT_FALSE(beside.IsDue(milliseconds(1))) << "a step takes longer";
  record_ = {};
  EXPECT_TRUE(beside.IsDue(kWorked)) << "more will come";
}

TEST_F(Pace, KeepsItsShareHoweverMuchComesIn) {
  ASSERT_TRUE(live_.TryReserve(100, record_));
  JobPace tenth(&live_, 0.1, kLong, &stopping_), all(&live_, 1, kLong, &stopping_),
      bounded(&live_, 0.01, milliseconds(50), &stopping_);
  const milliseconds rested = Took(tenth, kWorked);
  EXPECT_GE(rested, 9 * kWorked);
  EXPECT_LT(rested, milliseconds(5'000));
  EXPECT_LT(Took(all, milliseconds(5'000)), milliseconds(2'000));
  EXPECT_LT(Took(bounded, milliseconds(5'000)), milliseconds(2'000));
}

TEST_F(Pace, GoesOnOnceNoRecordIsInMemory) {
  ASSERT_TRUE(live_.TryReserve(100, record_));
  JobPace pace(&live_, 0.0001, kLong, &stopping_);
  std::thread answered([this] {
    std::this_thread::sleep_for(milliseconds(100));
    record_ = {};
  });
  const milliseconds rested = Took(pace, kWorked);
  answered.join();
  EXPECT_GE(rested, 2 * kWorked);
  EXPECT_LT(rested, kLong / 2);
}

TEST_F(Pace, EndsWithTheServer) {
  ASSERT_TRUE(live_.TryReserve(100, record_));
  stopping_ = true;
  JobPace pace(&live_, 0.0001, kLong, &stopping_);
  EXPECT_LT(Took(pace, milliseconds(5'000)), kLong / 2);
}

}  // namespace
}  // namespace auscult::server
