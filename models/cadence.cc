#include "models/cadence.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace auscult::models {
namespace {

constexpr int kCountedIntervals = 1000;
constexpr double kShortestS = 1e-3;
constexpr double kLongestS = 366 * 86400.0;
constexpr float kSmallestStep = 0.02f;

}  // namespace

void Cadence::Observe(int64_t measured_at_us) {
  const int64_t before_us = std::exchange(last_us, measured_at_us);
  if (before_us == 0 || measured_at_us <= before_us) return;
  const double interval_s =
      std::clamp(static_cast<double>(measured_at_us - before_us) * 1e-6, kShortestS, kLongestS);
  const auto log_s = static_cast<float>(std::log(interval_s));
  if (intervals == 0) log_interval_s = log_s;
  if (intervals < kCountedIntervals) ++intervals;
  // Robbins and Monro's median: steps of fixed size, smaller as more is known.
  const float step = std::max(kSmallestStep, 2.0f / static_cast<float>(intervals));
  log_interval_s += std::clamp(log_s - log_interval_s, -step, step);
}

double Cadence::IntervalSeconds() const {
  constexpr double kHour = 3600;
  return intervals == 0 ? kHour : std::exp(static_cast<double>(log_interval_s));
}

}  // namespace auscult::models
