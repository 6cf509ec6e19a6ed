#pragma once

#include <span>
#include <vector>

#include "features/fft.h"

namespace auscult::features {

// How fast a shaft turned and when. Between the times the speed runs in straight lines, before and
// after them it stays.
struct SpeedPath {
  std::vector<double> time_s;  // ascending, not empty where the path is used
  std::vector<double> speed_hz;
};

// Resamples a record to uniform angle along `path`. Returns the mean speed: at that speed and the
// given rate the result turns uniformly. `out` gets samples.size() samples, by cubic interpolation.
double ResampleToUniformAngle(std::span<const float> samples, double sample_rate_hz,
                              const SpeedPath& path, FftVector<float>& out);

}  // namespace auscult::features
