#include "features/time_domain.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace auscult::features {
namespace {

// Floats are summed in blocks of this size and the blocks in double: as accurate as double
// throughout, and the inner loops still fill the SIMD registers with floats.
constexpr size_t kBlock = 1024;

struct BlockSums {
  float abs = 0;
  float square = 0;
  float cube = 0;
  float fourth = 0;
};

void Add(Moments& sums, const BlockSums& block) {
  sums.mean_abs += static_cast<double>(block.abs);
  sums.mean_square += static_cast<double>(block.square);
  sums.mean_cube += static_cast<double>(block.cube);
  sums.mean_fourth += static_cast<double>(block.fourth);
}

Moments Divided(Moments sums, size_t count) {
  const double scale = 1.0 / static_cast<double>(count);
  return {sums.mean_abs * scale, sums.mean_square * scale, sums.mean_cube * scale,
          sums.mean_fourth * scale};
}

}  // namespace

double Range::Peak() const {
  const double peak =
      std::max(static_cast<double>(highest) - mean, mean - static_cast<double>(lowest));
  return peak >= kSmallestPeak ? peak : 0;
}

Range RangeOf(std::span<const float> samples) {
  assert(!samples.empty());
  // Sums are taken around the first sample, so that a large offset costs no digits.
  const float origin = samples[0];
  double total = 0;
  float lowest = origin;
  float highest = origin;
  for (size_t begin = 0; begin < samples.size(); begin += kBlock) {
    const size_t size = std::min(kBlock, samples.size() - begin);
    const float* const x = samples.data() + begin;
    float sum = 0;
#pragma omp simd reduction(+ : sum) reduction(min : lowest) reduction(max : highest)
    for (size_t i = 0; i < size; ++i) {
      sum += x[i] - origin;
      lowest = x[i] < lowest ? x[i] : lowest;
      highest = x[i] > highest ? x[i] : highest;
    }
    total += static_cast<double>(sum);
  }
  const double mean = static_cast<double>(origin) + total / static_cast<double>(samples.size());
  // Rounding must not put the mean of a constant record beside its value.
  return {std::clamp(mean, static_cast<double>(lowest), static_cast<double>(highest)), lowest,
          highest};
}

Moments Centre(std::span<const float> samples, const Range& range, std::span<float> out) {
  assert(samples.size() == out.size());
  const double peak = range.Peak();
  if (!(peak > 0)) {
    std::fill(out.begin(), out.end(), 0.0f);
    return {};
  }
  const auto mean = static_cast<float>(range.mean);
  // What float drops of the mean comes back as the mean of the differences.
  const auto remainder = static_cast<float>((range.mean - static_cast<double>(mean)) / peak);
  const auto scale = static_cast<float>(1.0 / peak);
  Moments sums;
  for (size_t begin = 0; begin < samples.size(); begin += kBlock) {
    const size_t size = std::min(kBlock, samples.size() - begin);
    const float* const x = samples.data() + begin;
    float* const y = out.data() + begin;
    float abs = 0;
    float square = 0;
    float cube = 0;
    float fourth = 0;
#pragma omp simd reduction(+ : abs, square, cube, fourth)
    for (size_t i = 0; i < size; ++i) {
      const float d = (x[i] - mean) * scale - remainder;
      const float d2 = d * d;
      y[i] = d;
      abs += std::abs(d);
      square += d2;
      cube += d2 * d;
      fourth += d2 * d2;
    }
    Add(sums, {abs, square, cube, fourth});
  }
  return Divided(sums, samples.size());
}

Moments MomentsOf(std::span<const float> centred) {
  Moments sums;
  for (size_t begin = 0; begin < centred.size(); begin += kBlock) {
    const size_t size = std::min(kBlock, centred.size() - begin);
    const float* const x = centred.data() + begin;
    float abs = 0;
    float square = 0;
    float cube = 0;
    float fourth = 0;
#pragma omp simd reduction(+ : abs, square, cube, fourth)
    for (size_t i = 0; i < size; ++i) {
      const float d2 = x[i] * x[i];
      abs += std::abs(x[i]);
      square += d2;
      cube += d2 * x[i];
      fourth += d2 * d2;
    }
    Add(sums, {abs, square, cube, fourth});
  }
  return Divided(sums, centred.size());
}

TimeDomain TimeDomainOf(const Range& range, const Moments& moments) {
  const double peak = range.Peak();
  const double rms = std::sqrt(moments.mean_square);  // in units of the peak, as all moments
  const auto ratio = [](double a, double b) {
    return b > 0 ? static_cast<float>(a / b) : std::nanf("");
  };
  return {.mean = static_cast<float>(range.mean),
          .rms = static_cast<float>(rms * peak),
          .peak = static_cast<float>(peak),
          .peak_to_peak = static_cast<float>(static_cast<double>(range.highest) -
                                             static_cast<double>(range.lowest)),
          .crest_factor = ratio(1.0, rms),
          .skewness = ratio(moments.mean_cube, rms * rms * rms),
          .kurtosis = ratio(moments.mean_fourth, rms * rms * rms * rms),
          .shape_factor = ratio(rms, moments.mean_abs),
          .impulse_factor = ratio(1.0, moments.mean_abs)};
}

}  // namespace auscult::features
