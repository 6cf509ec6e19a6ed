#include "features/highpass.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "features/machine.h"
#include "features/time_domain.h"

namespace auscult::features {
namespace {

constexpr double kCornerHz = 1000.0;
constexpr double kLargestShareOfRate = 1.0 / 8.0;
// The step response of the raised cosine has died away to a thousandth after four periods.
constexpr double kEndPeriods = 4.0;

}  // namespace

Highpass::Highpass(int length, double sample_rate_hz)
    : corner_hz_(std::min(kCornerHz, kLargestShareOfRate * sample_rate_hz)), inverse_(length) {
  const double corner_bin = corner_hz_ * length / sample_rate_hz;
  first_bin_ = static_cast<int>(corner_bin / 2) + 1;
  for (int k = first_bin_; k < corner_bin; ++k) {
    const double phase = std::numbers::pi * (2.0 * k / corner_bin - 1.0);
    gain_.push_back(static_cast<float>(0.5 * (1.0 - std::cos(phase)) / length));
  }
  end_samples_ = std::min(static_cast<int>(kEndPeriods * sample_rate_hz / corner_hz_), length / 8);
}

HighpassStatistics Highpass::Statistics(std::span<const std::complex<float>> bins,
                                        std::span<std::complex<float>> scratch_bins,
                                        std::span<float> scratch) const {
  const float norm = 1.0f / static_cast<float>(inverse_.length());
  const int passed = first_bin_ + static_cast<int>(gain_.size());
  const auto* const from = reinterpret_cast<const float*>(bins.data());
  auto* const to = reinterpret_cast<float*>(scratch_bins.data());
  std::fill(to, to + 2 * first_bin_, 0.0f);
  for (int k = first_bin_; k < passed; ++k) scratch_bins[k] = bins[k] * gain_[k - first_bin_];
  for (int i = 2 * passed; i < 2 * static_cast<int>(bins.size()); ++i) to[i] = from[i] * norm;
  inverse_.Inverse(scratch_bins, scratch);

  const std::span<float> kept =
      scratch.subspan(end_samples_, scratch.size() - 2 * static_cast<size_t>(end_samples_));
  const Moments moments = MomentsOf(kept);
  float peak = 0;
#pragma omp simd reduction(max : peak)
  for (size_t i = 0; i < kept.size(); ++i) {
    const float size = std::abs(kept[i]);
    peak = size > peak ? size : peak;
  }
  // Below this nothing is left but the rounding of the transform.
  constexpr double kRounding = 1e-13;
  if (!(moments.mean_square > kRounding)) return {kNotKnown, kNotKnown, kNotKnown, kNotKnown};
  const double rms = std::sqrt(moments.mean_square);
  return {.rms = static_cast<float>(rms),
          .peak = peak,
          .crest_factor = static_cast<float>(peak / rms),
          .kurtosis = static_cast<float>(moments.mean_fourth /
                                         (moments.mean_square * moments.mean_square))};
}

}  // namespace auscult::features
