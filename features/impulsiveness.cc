#include "features/impulsiveness.h"

#include <algorithm>
#include <cmath>

#include "features/machine.h"

namespace auscult::features {
namespace {

constexpr double kSmallestShare = 0.4;
constexpr int kEndPeriods = 4;
// Mean squared envelope below which a band holds nothing but the rounding of the transform.
constexpr double kRounding = 4e-13;

}  // namespace

BandImpulsiveness::BandImpulsiveness(Band band, int length, double sample_rate_hz)
    : band_(band, length, sample_rate_hz, kEndPeriods),
      measurable_(band_.measurable() &&
                  band_.width_hz() >= kSmallestShare * (band.high_hz - band.low_hz)) {}

float BandImpulsiveness::Db(std::span<const std::complex<float>> bins,
                            std::span<std::complex<float>> band_bins,
                            std::span<std::complex<float>> analytic) const {
  if (!measurable_) return kNotKnown;
  const auto kept = band_.Demodulate(bins, band_bins, analytic);
  const auto* const z = reinterpret_cast<const float*>(kept.data());
  double mean = 0;
  double mean_square = 0;
  constexpr size_t kBlock = 1024;
  for (size_t begin = 0; begin < kept.size(); begin += kBlock) {
    const size_t stop = std::min(begin + kBlock, kept.size());
    float sum = 0;
    float sum_square = 0;
#pragma omp simd reduction(+ : sum, sum_square)
    for (size_t i = begin; i < stop; ++i) {
      const float squared = z[2 * i] * z[2 * i] + z[2 * i + 1] * z[2 * i + 1];
      sum += squared;
      sum_square += squared * squared;
    }
    mean += static_cast<double>(sum);
    mean_square += static_cast<double>(sum_square);
  }
  const auto count = static_cast<double>(kept.size());
  mean /= count;
  mean_square /= count;
  if (!(mean > kRounding)) return kNotKnown;
  return static_cast<float>(10.0 * std::log10(mean_square / (mean * mean) / 2.0));
}

}  // namespace auscult::features
