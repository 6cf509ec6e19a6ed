#include "features/impulsiveness.h"

#include <algorithm>
#include <cmath>

#include "features/machine.h"

namespace auscult::features {
namespace {

constexpr int kFewestBins = 32;
constexpr double kSmallestShare = 0.4;
// Samples of the envelope for each bin of the band. One takes in everything that is independent;
// two make the mean of e^2 exact, which matters where there are few.
constexpr int kManyBins = 1024;
constexpr int OversamplingOf(int bin_count) { return bin_count < kManyBins ? 2 : 1; }
// Left out at either end, in reciprocal bandwidths.
constexpr int kEndPeriods = 4;
// Mean square of the band below which it holds nothing but the rounding of the transform.
constexpr float kRounding = 1e-13f;

int FirstBin(Band band, int length, double rate_hz) {
  return static_cast<int>(std::ceil(band.low_hz * length / rate_hz));
}

int BinCount(Band band, int length, double rate_hz) {
  const double high_hz = std::min(band.high_hz, rate_hz / 2);
  return static_cast<int>(std::floor(high_hz * length / rate_hz)) -
         FirstBin(band, length, rate_hz) + 1;
}

}  // namespace

BandImpulsiveness::BandImpulsiveness(Band band, int length, double sample_rate_hz)
    : first_bin_(FirstBin(band, length, sample_rate_hz)),
      bin_count_(BinCount(band, length, sample_rate_hz)),
      measurable_(bin_count_ >= kFewestBins && bin_count_ * sample_rate_hz / length >=
                                                   kSmallestShare * (band.high_hz - band.low_hz)),
      norm_(1.0f / static_cast<float>(length)),
      inverse_(measurable_ ? SmoothLengthAtLeast(OversamplingOf(bin_count_) * bin_count_) : 1) {}

float BandImpulsiveness::Db(std::span<const std::complex<float>> bins,
                            std::span<std::complex<float>> band_bins,
                            std::span<std::complex<float>> analytic) const {
  if (!measurable_) return kNotKnown;
  const auto length = static_cast<size_t>(inverse_.length());
  const auto* const from = reinterpret_cast<const float*>(bins.data() + first_bin_);
  auto* const to = reinterpret_cast<float*>(band_bins.data());
  for (int i = 0; i < 2 * bin_count_; ++i) to[i] = from[i] * norm_;
  std::fill(to + 2 * bin_count_, to + 2 * length, 0.0f);
  inverse_.Inverse(band_bins.first(length), analytic.first(length));

  const auto* const z = reinterpret_cast<const float*>(analytic.data());
  double mean = 0;
  double mean_square = 0;
  constexpr size_t kBlock = 1024;
  const auto first = static_cast<size_t>(kEndPeriods * OversamplingOf(bin_count_));
  const size_t end = length - first;
  for (size_t begin = first; begin < end; begin += kBlock) {
    const size_t stop = std::min(begin + kBlock, end);
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
  const auto count = static_cast<double>(end - first);
  mean /= count;
  mean_square /= count;
  if (!(mean > static_cast<double>(kRounding))) return kNotKnown;
  return static_cast<float>(10.0 * std::log10(mean_square / (mean * mean) / 2.0));
}

}  // namespace auscult::features
