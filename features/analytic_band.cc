#include "features/analytic_band.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace auscult::features {
namespace {

// Samples of the envelope for each bin of the band. One takes in everything that is independent;
// two make the mean of its fourth power exact, which matters where there are few.
constexpr int kManyBins = 1024;
constexpr int OversamplingOf(int bin_count) { return bin_count < kManyBins ? 2 : 1; }

int FirstBin(Band band, int length, double rate_hz) {
  return static_cast<int>(std::ceil(std::min(band.low_hz, rate_hz / 2) * length / rate_hz));
}

int BinCount(Band band, int length, double rate_hz) {
  const double high_hz = std::min(band.high_hz, rate_hz / 2);
  return static_cast<int>(std::floor(high_hz * length / rate_hz)) -
         FirstBin(band, length, rate_hz) + 1;
}

}  // namespace

AnalyticBand::AnalyticBand(Band band, int length, double sample_rate_hz, int end_periods)
    : first_bin_(FirstBin(band, length, sample_rate_hz)),
      bin_count_(BinCount(band, length, sample_rate_hz)),
      width_hz_(bin_count_ * sample_rate_hz / length),
      end_periods_(end_periods),
      norm_(2.0f / static_cast<float>(length)),
      inverse_(measurable() ? SmoothLengthAtLeast(OversamplingOf(bin_count_) * bin_count_) : 1) {}

std::span<const std::complex<float>> AnalyticBand::Demodulate(
    std::span<const std::complex<float>> bins, std::span<std::complex<float>> band_bins,
    std::span<std::complex<float>> analytic) const {
  assert(measurable());
  const auto length = static_cast<size_t>(inverse_.length());
  const auto* const from = reinterpret_cast<const float*>(bins.data() + first_bin_);
  auto* const to = reinterpret_cast<float*>(band_bins.data());
  for (int i = 0; i < 2 * bin_count_; ++i) to[i] = from[i] * norm_;
  std::fill(to + 2 * bin_count_, to + 2 * length, 0.0f);
  inverse_.Inverse(band_bins.first(length), analytic.first(length));
  const size_t end =
      std::min(static_cast<size_t>(end_periods_ * OversamplingOf(bin_count_)), length / 8);
  return analytic.subspan(end, length - 2 * end);
}

// In blocks, whose sums a float holds exactly enough.
EnvelopePower EnvelopePowerOf(std::span<const std::complex<float>> analytic) {
  constexpr size_t kBlock = 1024;
  const auto* const z = reinterpret_cast<const float*>(analytic.data());
  EnvelopePower power{0, 0, 0};
  float highest = 0;
  for (size_t begin = 0; begin < analytic.size(); begin += kBlock) {
    const size_t stop = std::min(begin + kBlock, analytic.size());
    float sum = 0;
    float sum_square = 0;
#pragma omp simd reduction(+ : sum, sum_square) reduction(max : highest)
    for (size_t i = begin; i < stop; ++i) {
      const float squared = z[2 * i] * z[2 * i] + z[2 * i + 1] * z[2 * i + 1];
      sum += squared;
      sum_square += squared * squared;
      highest = squared > highest ? squared : highest;
    }
    power.mean += static_cast<double>(sum);
    power.mean_square += static_cast<double>(sum_square);
  }
  power.highest = highest;
  const auto count = static_cast<double>(analytic.size());
  power.mean /= count;
  power.mean_square /= count;
  return power;
}

}  // namespace auscult::features
