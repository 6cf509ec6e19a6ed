#include "features/angle_resampling.h"

#include <algorithm>
#include <cassert>

namespace auscult::features {
namespace {

// Walks along a path in steps of one sample.
class SpeedAt {
 public:
  explicit SpeedAt(const SpeedPath& path) : path_(path) {}

  // Times must not descend.
  double operator()(double time_s) {
    const size_t last = path_.time_s.size() - 1;
    while (next_ <= last && path_.time_s[next_] <= time_s) ++next_;
    if (next_ == 0) return path_.speed_hz.front();
    if (next_ > last) return path_.speed_hz.back();
    const double from = path_.time_s[next_ - 1];
    const double share = (time_s - from) / (path_.time_s[next_] - from);
    return path_.speed_hz[next_ - 1] + share * (path_.speed_hz[next_] - path_.speed_hz[next_ - 1]);
  }

 private:
  const SpeedPath& path_;
  size_t next_ = 0;
};

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

double ResampleToUniformAngle(std::span<const float> samples, double sample_rate_hz,
                              const SpeedPath& path, FftVector<float>& out) {
  assert(samples.size() >= 2 && sample_rate_hz > 0 && !path.time_s.empty());
  const size_t count = samples.size();
  const double step_s = 1 / sample_rate_hz;
  double turns = 0;
  SpeedAt speed(path);
  for (size_t i = 0; i + 1 < count; ++i) {
    turns += speed((static_cast<double>(i) + 0.5) * step_s) * step_s;
  }
  const double turns_per_sample = turns / static_cast<double>(count - 1);

  out.resize(count);
  SpeedAt again(path);
  size_t index = 0;  // the sample that the wanted angle comes after
  double angle = 0;  // at that sample
  double step = again(0.5 * step_s) * step_s;
  for (size_t i = 0; i < count; ++i) {
    const double wanted = turns_per_sample * static_cast<double>(i);
    while (index + 2 < count && angle + step <= wanted) {
      angle += step;
      ++index;
      step = again((static_cast<double>(index) + 0.5) * step_s) * step_s;
    }
    out[i] = Interpolate(samples, index, static_cast<float>((wanted - angle) / step));
  }
  return turns_per_sample * sample_rate_hz;
}

}  // namespace auscult::features
