#include "features/angle_resampling.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace auscult::features {
namespace {

// Newton steps from one output sample to the next: the speed hardly changes over one of them.
constexpr int kNewtonSteps = 2;

// Catmull-Rom spline between samples `index` and `index` + 1.
float Interpolate(std::span<const float> samples, size_t index, float share) {
  const size_t last = samples.size() - 1;
  const float before = samples[index == 0 ? 0 : index - 1];
  const float left = samples[index];
  const float right = samples[std::min(index + 1, last)];
  const float after = samples[std::min(index + 2, last)];
  const float slope = right - before;
  const float bend = 2 * before - 5 * left + 4 * right - after;
  const float twist = 3 * (left - right) + after - before;
  return left + 0.5f * share * (slope + share * (bend + share * twist));
}

}  // namespace

UniformAngle ResampleToUniformAngle(std::span<const float> samples, double sample_rate_hz,
                                    const ShaftAngle& angle, FftVector<float>& out) {
  assert(samples.size() >= 2 && sample_rate_hz > 0 && !angle.empty());
  const auto last = static_cast<double>(samples.size() - 1);
  ShaftAngle::Piece piece = 0;
  const double start = angle.At(0, piece).turns;
  const double end = angle.At(last / sample_rate_hz, piece).turns;
  const double turns_per_sample = (end - start) / last;
  piece = 0;
  out.resize(samples.size());
  double position = 0;  // in samples of the record
  double step = 1;
  for (size_t i = 0; i < out.size(); ++i) {
    const double wanted = start + turns_per_sample * static_cast<double>(i);
    for (int k = 0; k < kNewtonSteps; ++k) {
      const ShaftAngle::State state = angle.At(position / sample_rate_hz, piece);
      step = sample_rate_hz / state.speed_hz;
      position = std::clamp(position + (wanted - state.turns) * step, 0.0, last);
    }
    const auto index = std::min(static_cast<size_t>(position), samples.size() - 2);
    out[i] = Interpolate(samples, index, static_cast<float>(position - static_cast<double>(index)));
    position += turns_per_sample * step;
  }
  return {turns_per_sample * sample_rate_hz, start};
}

}  // namespace auscult::features
