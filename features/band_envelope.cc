#include "features/band_envelope.h"

#include <algorithm>
#include <cassert>

#include "features/vector_math.h"

namespace auscult::features {
namespace {

constexpr double kLowestShare = 0.01;    // of the sampling rate; below are shaft lines and drift
constexpr double kHighestShare = 0.485;  // above is the anti-alias filter
constexpr float kLogFloor = 0.001f;      // of the mean: bounds what a gap weighs in the log
constexpr double kRateMargin = 1.3;      // keeps what averaging folds back out of the lowest lines

// Halves the length: sums of neighbours. In place, since it only reads ahead.
void AddPairs(float* values, int half) {
  for (int i = 0; i < half; ++i) values[i] = values[2 * i] + values[2 * i + 1];
}

void MultiplyPairs(float* values, int half) {
  for (int i = 0; i < half; ++i) values[i] = values[2 * i] * values[2 * i + 1];
}

struct PowerSums {
  double power = 0;
  double squared = 0;  // of the squared power
};

// In blocks, whose sums a float holds exactly enough.
PowerSums SquaredMagnitude(std::span<const std::complex<float>> values, std::span<float> power) {
  constexpr size_t kBlock = 1024;
  const auto* const parts = reinterpret_cast<const float*>(values.data());
  PowerSums sums;
  for (size_t begin = 0; begin < values.size(); begin += kBlock) {
    const size_t end = std::min(begin + kBlock, values.size());
    float sum = 0;
    float sum_squared = 0;
#pragma omp simd reduction(+ : sum, sum_squared)
    for (size_t i = begin; i < end; ++i) {
      const float p = parts[2 * i] * parts[2 * i] + parts[2 * i + 1] * parts[2 * i + 1];
      power[i] = p;
      sum += p;
      sum_squared += p * p;
    }
    sums.power += static_cast<double>(sum);
    sums.squared += static_cast<double>(sum_squared);
  }
  return sums;
}

}  // namespace

void DemodulationBands(int length, int min_bins, bool full_band_only,
                       std::vector<BinRange>& bands) {
  bands.clear();
  const int first = std::max(1, static_cast<int>(kLowestShare * length));
  const int width = std::max(1, static_cast<int>(kHighestShare * length) - first);
  for (int divisions = 1; divisions <= (full_band_only ? 1 : 8); divisions *= 2) {
    const int count = width / divisions;
    if (divisions > 1 && count < min_bins) break;
    for (int i = 0; i < 2 * divisions - 1; ++i) bands.push_back({first + i * count / 2, count});
  }
}

void BandEnvelope::Demodulate(std::span<const std::complex<float>> spectrum, BinRange band,
                              int needed_bins) {
  assert(band.first >= 0 && band.count >= 1 && needed_bins >= 1);
  assert(band.first + band.count <= static_cast<int>(spectrum.size()));
  int factor = 1;
  while (band.count >= 2 * factor * kRateMargin * needed_bins) factor *= 2;
  length_ = FastLengthAtLeast((2 * band.count + factor - 1) / factor);
  const int full_length = length_ * factor;
  bin_count_ = std::min({needed_bins, band.count, length_ / 2 + 1});

  bins_.resize(full_length);
  analytic_.resize(full_length);
  std::copy_n(spectrum.begin() + band.first, band.count, bins_.begin());
  std::fill(bins_.begin() + band.count, bins_.end(), std::complex<float>());
  inverse_.For(full_length).Inverse(bins_, analytic_);

  squared_.resize(full_length);
  const PowerSums sums = SquaredMagnitude(analytic_, squared_);
  const double mean = sums.power / full_length;
  const bool empty = !(mean > 0);
  kurtosis_ = empty ? -1 : static_cast<float>(sums.squared / full_length / (mean * mean) - 2);
  if (empty) std::fill(squared_.begin(), squared_.end(), 1.0f);
  Average(factor, empty ? 1.0f : static_cast<float>(1 / mean));
}

// Averages the squared envelope, times `gain`, and its log over `factor` samples. The log of a
// product of eight stays within the range of a float, and costs one log for eight. Means stay in:
// they meet no bin but DC.
void BandEnvelope::Average(int factor, float gain) {
  int count = length_ * factor;
  log_.resize(static_cast<size_t>(count));
  const float scale = 1 / static_cast<float>(factor);
#pragma omp simd
  for (int i = 0; i < count; ++i) {
    const float squared = squared_[i] * gain;
    squared_[i] = squared * scale;
    log_[i] = squared + kLogFloor;
  }
  int half = count;
  int folded = 1;
  for (; folded < std::min(factor, 8); folded *= 2) MultiplyPairs(log_.data(), half /= 2);
  const std::span<float> folded_log(log_.data(), static_cast<size_t>(half));
  FastLog(folded_log, folded_log);
  for (; folded < factor; folded *= 2) AddPairs(log_.data(), half /= 2);
  for (folded = 1; folded < factor; folded *= 2) AddPairs(squared_.data(), count /= 2);
  squared_.resize(static_cast<size_t>(length_));
  log_.resize(static_cast<size_t>(length_));
  if (factor == 1) return;
  for (float& value : log_) value *= scale;
}

std::span<const float> BandEnvelope::SquaredPower() { return PowerOf(squared_); }
std::span<const float> BandEnvelope::LogPower() { return PowerOf(log_); }

std::span<const float> BandEnvelope::PowerOf(FftVector<float>& envelope) {
  const RealFft& plan = forward_.For(length_);
  transform_.resize(plan.bin_count());
  plan.Forward(envelope, transform_);
  power_.resize(bin_count_);
  const float* parts = reinterpret_cast<const float*>(transform_.data());
  for (int i = 0; i < bin_count_; ++i) {
    power_[i] = parts[2 * i] * parts[2 * i] + parts[2 * i + 1] * parts[2 * i + 1];
  }
  // The mean says nothing, and must not pull at the log of a noise floor.
  if (bin_count_ > 1) power_[0] = power_[1];
  return power_;
}

}  // namespace auscult::features
