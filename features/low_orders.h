#pragma once

#include <complex>
#include <span>

#include "features/fft.h"
#include "features/plan_cache.h"

namespace auscult::features {

// A record below some frequency, at a low rate.
struct LowRecord {
  std::span<const float> samples;
  double rate_hz;
};

// Gives the part of a record that holds the lowest shaft orders from those bins of its transform
// alone: a few hundred samples instead of a hundred thousand. Keeps plans and scratch memory: one
// for each thread.
class LowOrders {
 public:
  // `bins`: of a RealFft of `length` samples, in any unit. The rate is 2.2 to 4.4 times
  // `highest_hz` (> 0), so that few plans serve all speeds. Valid until the next call.
  LowRecord Below(std::span<const std::complex<float>> bins, int length, double sample_rate_hz,
                  double highest_hz);

 private:
  PlanCache<InverseRealFft> plans_;
  FftVector<std::complex<float>> bins_;
  FftVector<float> samples_;
};

}  // namespace auscult::features
