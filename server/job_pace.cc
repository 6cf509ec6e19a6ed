#include "server/job_pace.h"

#include <algorithm>
#include <thread>

namespace auscult::server {
namespace {

constexpr std::chrono::milliseconds kStep{25}, kLook{1};
// After which nothing is thought to come.
constexpr std::chrono::seconds kMemory{1};

}  // namespace

bool JobPace::IsDue(Clock::duration worked) {
  if (worked < kStep) return false;
  const Clock::time_point now = Clock::now();
  if (LiveIsThere()) live_seen_ = now;
  return now - live_seen_ < kMemory;
}

void JobPace::Rest(Clock::duration worked) {
  const Clock::time_point begin = Clock::now();
  const auto longest = std::min(
      longest_, std::chrono::duration_cast<Clock::duration>(worked * ((1 - share_) / share_)));
  const auto shortest = std::min(longest, 2 * worked);
  for (Clock::duration rested{}; rested < longest && !*stopping_; rested = Clock::now() - begin) {
    if (rested >= shortest && !LiveIsThere()) return;
    std::this_thread::sleep_for(kLook);
  }
}

}  // namespace auscult::server
