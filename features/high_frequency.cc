#include "features/high_frequency.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "features/machine.h"

namespace auscult::features {
namespace {

constexpr Band kBand{5000, std::numeric_limits<double>::infinity()};
constexpr double kSmallestWidthHz = 1000;
// A peak must not be that of the step between the record's ends.
constexpr int kEndPeriods = 64;
// Mean squared envelope below which a band holds nothing but the rounding of the transform.
constexpr double kRounding = 4e-13;

}  // namespace

HighFrequency::HighFrequency(int length, double sample_rate_hz)
    : band_(kBand, length, sample_rate_hz, kEndPeriods),
      measurable_(band_.measurable() && sample_rate_hz / 2 >= kBand.low_hz + kSmallestWidthHz) {}

HighFrequencyLevel HighFrequency::Level(std::span<const std::complex<float>> bins,
                                        std::span<std::complex<float>> band_bins,
                                        std::span<std::complex<float>> analytic) const {
  if (!measurable_) return {kNotKnown, kNotKnown};
  const auto kept = band_.Demodulate(bins, band_bins, analytic);
  const auto* const z = reinterpret_cast<const float*>(kept.data());
  double mean = 0;
  float highest = 0;
  constexpr size_t kBlock = 1024;
  for (size_t begin = 0; begin < kept.size(); begin += kBlock) {
    const size_t stop = std::min(begin + kBlock, kept.size());
    float sum = 0;
#pragma omp simd reduction(+ : sum) reduction(max : highest)
    for (size_t i = begin; i < stop; ++i) {
      const float squared = z[2 * i] * z[2 * i] + z[2 * i + 1] * z[2 * i + 1];
      sum += squared;
      highest = squared > highest ? squared : highest;
    }
    mean += static_cast<double>(sum);
  }
  mean /= static_cast<double>(kept.size());
  if (!(mean > kRounding)) return {kNotKnown, kNotKnown};
  return {.rms = static_cast<float>(std::sqrt(mean / 2)), .peak = std::sqrt(highest)};
}

}  // namespace auscult::features
