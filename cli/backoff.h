#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <utility>

namespace auscult::cli {

// Pauses between attempts: exponential backoff with full jitter, by chance between nothing and a
// bound that doubles, so that many who failed together do not come back together (Brooker,
// "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Not thread-safe.
class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  Backoff(Milliseconds first, Milliseconds longest)
      : first_(first), longest_(longest), bound_(first) {}

  Milliseconds Next() {
    const Milliseconds bound = std::exchange(bound_, std::min(2 * bound_, longest_));
    thread_local std::minstd_rand random{std::random_device{}()};
    return Milliseconds(std::uniform_int_distribution<int64_t>(0, bound.count())(random));
  }
  // An attempt worked.
  void Reset() { bound_ = first_; }

 private:
  Milliseconds first_, longest_;
  Milliseconds bound_;
};

}  // namespace auscult::cli
