#pragma once

#include <span>

#include "features/fft.h"
#include "features/shaft_angle.h"

namespace auscult::features {

struct UniformAngle {
  double speed_hz;     // mean speed: at it and the given rate the resampled record turns uniformly
  double start_turns;  // angle of the first sample
};

// Resamples a record of at least two samples to uniform angle. `out` gets samples.size() samples,
// by cubic interpolation. `angle` is not empty and ascends over the record.
UniformAngle ResampleToUniformAngle(std::span<const float> samples, double sample_rate_hz,
                                    const ShaftAngle& angle, FftVector<float>& out);

}  // namespace auscult::features
