#pragma once

#include <cstdint>

namespace auscult::models {

// How far apart the records of a point come: a running median of the logarithm of their intervals,
// so that gaps and bursts hardly move it. A value: kept in PointState.
struct Cadence {
  int64_t last_us = 0;
  float log_interval_s = 0;
  int intervals = 0;  // seen so far; stops counting where it no longer matters

  void Observe(int64_t measured_at_us);
  // An hour while nothing is known.
  double IntervalSeconds() const;
};

}  // namespace auscult::models
