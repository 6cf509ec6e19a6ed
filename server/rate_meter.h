#pragma once

#include <chrono>
#include <cmath>

namespace auscult::server {

// How much comes a second, smoothed: what came t seconds ago weighs exp(-t / 2 s). Not thread-safe.
class RateMeter {
 public:
  using Clock = std::chrono::steady_clock;

  void Count(double amount, Clock::time_point now) {
    rate_ = PerSecond(now) + amount / kMemorySeconds;
    counted_ = now;
  }
  double PerSecond(Clock::time_point now) const {
    const double seconds = std::chrono::duration<double>(now - counted_).count();
    return rate_ * std::exp(-seconds / kMemorySeconds);
  }

 private:
  static constexpr double kMemorySeconds = 2;
  double rate_ = 0;
  Clock::time_point counted_;
};

}  // namespace auscult::server
