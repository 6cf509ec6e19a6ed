#pragma once

#include <span>
#include <string>

namespace auscult::cli {

// What a column of times says of the sampling.
struct Sampling {
  double sample_rate_hz = 0;  // 0 = nothing can be said
  std::string problem;        // why the clock cannot be trusted, with what to do; "" = it can
};

// From the times of the samples in seconds. A clock that is coarser than the samples (equal times
// in a row) gives the mean rate, and a problem where the rows for each step of the clock differ by
// more than the step explains. Gaps, jumps back and uneven steps are problems too.
Sampling SamplingOf(std::span<const double> times_s);

}  // namespace auscult::cli
