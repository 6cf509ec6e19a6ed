#include "features/current_park.h"

#include <algorithm>
#include <cmath>

namespace auscult::features {
namespace {

constexpr double kTopOrders = 2.5;  // of the supply: the line at 2f and what lies below it
constexpr size_t kKeptSamples = 1 << 20;

}  // namespace

void ParkModulus::Compute(const std::array<Phase, 3>& phases, double supply_hz,
                          RecordTransform& transform) {
  Clear();
  // A common scale keeps the squares of any current within the range of float.
  const double peak = std::max({phases[0].peak, phases[1].peak, phases[2].peak});
  if (!(peak > 0)) return;
  const auto scale = static_cast<float>(1 / peak);
  const float* const a = phases[0].samples.data();
  const float* const b = phases[1].samples.data();
  const float* const c = phases[2].samples.data();
  const auto mean_a = static_cast<float>(phases[0].mean),
             mean_b = static_cast<float>(phases[1].mean),
             mean_c = static_cast<float>(phases[2].mean);
  const size_t count = phases[0].samples.size();
  modulus_.resize(count);
  float* const out = modulus_.data();
  for (size_t i = 0; i < count; ++i) {
    const float x = scale * (a[i] - mean_a);
    const float y = scale * (b[i] - mean_b);
    const float z = scale * (c[i] - mean_c);
    const float direct = 0.81649658f * x - 0.40824829f * (y + z);
    const float quadrature = 0.70710678f * (y - z);
    out[i] = std::sqrt(direct * direct + quadrature * quadrature);
  }
  const ChannelRecord record = transform.Analyse(modulus_);
  length_ = record.transform_length;
  percent_per_amplitude_ =
      record.range.mean > 0 ? 100 * record.range.Peak() / record.range.mean : 0;
  spectrum_.Compute(record.bins, record.resolution_hz(), supply_hz, kTopOrders * supply_hz);
  if (count > kKeptSamples) modulus_ = FftVector<float>();
}

float ParkModulus::Percent(const CurrentLine& line) const {
  return static_cast<float>(percent_per_amplitude_ * LineAmplitude(line.log_power, length_));
}

}  // namespace auscult::features
