#pragma once

#include <algorithm>
#include <chrono>

namespace auscult::server {

// A rate that lets bursts of two seconds pass. Not thread-safe.
class TokenBucket {
 public:
  using Clock = std::chrono::steady_clock;

  // Tokens a second; 0: no limit. What is in the bucket stays, a bucket that had no limit is full.
  void SetRate(double per_second, Clock::time_point now) {
    if (per_second == rate_) return;
    const bool had_limit = rate_ > 0;
    if (had_limit) Fill(now);
    rate_ = per_second;
    filled_ = now;
    level_ = had_limit ? std::min(level_, Capacity()) : Capacity();
  }
  double rate() const { return rate_; }

  // Takes `tokens` and returns zero, or takes nothing and returns when to ask again. More than the
  // bucket holds is taken when it is full, on credit: otherwise it never would be.
  std::chrono::duration<double> Take(double tokens, Clock::time_point now) {
    if (rate_ <= 0) return {};
    Fill(now);
    const double missing = std::min(tokens, Capacity()) - level_;
    // A rounding error is no missing token.
    if (missing > 1e-9) return std::chrono::duration<double>(missing / rate_);
    level_ -= tokens;
    return {};
  }

  // Gives back what was taken and not used.
  void Return(double tokens) { level_ = std::min(level_ + tokens, Capacity()); }

 private:
  static constexpr double kBurstSeconds = 2;
  double Capacity() const { return std::max(1.0, kBurstSeconds * rate_); }
  void Fill(Clock::time_point now) {
    const double seconds = std::chrono::duration<double>(now - filled_).count();
    level_ = std::min(level_ + seconds * rate_, Capacity());
    filled_ = now;
  }

  double rate_ = 0, level_ = 0;
  Clock::time_point filled_;
};

}  // namespace auscult::server
