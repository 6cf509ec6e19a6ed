#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace auscult::server {

// How often something took how long. Thread-safe; reading while others count may miss the newest.
class DurationCounts {
 public:
  // Upper bounds of all buckets but the last, which has none; s.
  static constexpr std::array<double, 13> kBoundsS = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                      0.25,  0.5,    1,     2.5,  5,     10};

  void Count(std::chrono::nanoseconds duration) {
    const double seconds = std::chrono::duration<double>(duration).count();
    size_t bucket = 0;
    while (bucket < kBoundsS.size() && seconds > kBoundsS[bucket]) ++bucket;
    ++counts_[bucket];
    total_ns_ += duration.count();
  }

  int64_t count_of(size_t bucket) const { return counts_[bucket]; }
  double total_s() const { return static_cast<double>(total_ns_.load()) * 1e-9; }

 private:
  std::array<std::atomic<int64_t>, kBoundsS.size() + 1> counts_{};
  std::atomic<int64_t> total_ns_{0};
};

}  // namespace auscult::server
