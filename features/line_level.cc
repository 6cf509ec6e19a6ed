#include "features/line_level.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>

#include "features/vector_math.h"

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

constexpr float kLowestLevel = -0.5f;
constexpr float kHighestLevel = 4.0f;
constexpr float kTiny = 1e-30f;
// Harmonics of a slower shaft lie too close to be masked without masking everything.
constexpr double kLeastBinsPerHarmonic = 12;

// Lines stand far above the mean of the log and reach the floor only through it; gaps far below.
float WinsorisedMean(const float* values, int count) {
  const ConstArray block(values, count);
  const float mean = block.mean();
  return block.max(mean - 2.5f).min(mean + 1.5f).mean();
}

// Half the width, in bins, of what belongs to the m-th shaft harmonic. Speed is known to 0.3 % and
// scatters; in short records the mask must leave most of the spectrum open.
double MaskHalfWidth(int harmonic, double bins_per_harmonic) {
  const double wanted = std::max(2.5, (0.003 + 0.0006 * harmonic) * bins_per_harmonic);
  return std::min(wanted, 0.2 * bins_per_harmonic);
}

// Average over `width` bins (odd), shorter at the ends, by adding shifted copies.
void Smooth(std::span<const float> power, int width, FftVector<float>& out) {
  const int count = static_cast<int>(power.size());
  out.assign(power.begin(), power.end());
  Array sum(out.data(), count);
  for (int shift = 1; shift <= std::min(width / 2, count - 1); ++shift) {
    sum.head(count - shift) += ConstArray(power.data() + shift, count - shift);
    sum.tail(count - shift) += ConstArray(power.data(), count - shift);
  }
  for (int i = 0; i < std::min(width / 2, count / 2); ++i) {
    const int present = width / 2 + 1 + i;
    const float gain = static_cast<float>(width) / static_cast<float>(present);
    out[i] *= gain;
    out[count - 1 - i] *= gain;
  }
}

}  // namespace

void NoiseFloor(std::span<const float> log_power, int block_bins, std::span<float> floor) {
  assert(log_power.size() == floor.size() && !floor.empty() && block_bins >= 1);
  const int count = static_cast<int>(floor.size());
  const int blocks = std::max(1, count / block_bins);
  const auto start = [&](int block) {
    return static_cast<int>(static_cast<int64_t>(count) * block / blocks);
  };
  float previous = 0;
  int previous_centre = 0;
  for (int block = 0; block < blocks; ++block) {
    const int begin = start(block);
    const int end = start(block + 1);
    const int centre = (begin + end) / 2;
    const float mean = WinsorisedMean(log_power.data() + begin, end - begin);
    if (block == 0) {
      std::fill_n(floor.data(), centre, mean);
    } else {
      const float slope = (mean - previous) / static_cast<float>(centre - previous_centre);
      float* out = floor.data() + previous_centre;
      for (int i = 0; i < centre - previous_centre; ++i) {
        out[i] = previous + slope * static_cast<float>(i);
      }
    }
    previous = mean;
    previous_centre = centre;
  }
  std::fill(floor.begin() + previous_centre, floor.end(), previous);
}

void LineLevels::Configure(int bin_count, double bins_per_order,
                           std::span<const float> other_shafts) {
  assert(bin_count >= 1 && bins_per_order > 1);
  block_bins_ = static_cast<int>(std::max(48.0, 2 * bins_per_order));
  kept_.assign(bin_count, 1.0f);
  Mask(bins_per_order);
  for (const float shaft : other_shafts) {
    if (shaft * bins_per_order >= kLeastBinsPerHarmonic) Mask(shaft * bins_per_order);
  }
  log_.resize(bin_count);
  floor_.resize(bin_count);
}

void LineLevels::Mask(double bins_per_harmonic) {
  const int bin_count = static_cast<int>(kept_.size());
  for (int harmonic = 0;; ++harmonic) {
    const double half_width = MaskHalfWidth(harmonic, bins_per_harmonic);
    const double centre = harmonic * bins_per_harmonic;
    const int begin = std::max(0, static_cast<int>(std::ceil(centre - half_width)));
    if (begin >= bin_count) break;
    const int end = std::min(bin_count, static_cast<int>(centre + half_width) + 1);
    std::fill(kept_.begin() + begin, kept_.begin() + end, 0.0f);
  }
}

void LineLevels::Compute(std::span<const float> power, Joining joining, std::span<float> levels,
                         std::span<float> z_sum) {
  assert(!power.empty() && power.size() <= levels.size() && levels.size() == kept_.size());
  if (joining.smoothed_bins > 1) {
    Smooth(power, joining.smoothed_bins, smoothed_);
    power = smoothed_;
  }
  const int count = static_cast<int>(power.size());
  Array log(log_.data(), count);
  log = ConstArray(power.data(), count).max(kTiny);
  FastLog({log_.data(), power.size()}, {log_.data(), power.size()});
  NoiseFloor({log_.data(), power.size()}, block_bins_, {floor_.data(), power.size()});
  if (z_sum.empty()) {
    log -= ConstArray(floor_.data(), count) + kLogMeanOfExponential;
  } else {
#pragma omp simd
    for (int i = 0; i < count; ++i) {
      log_[i] -= floor_[i] + kLogMeanOfExponential;
      z_sum[i] += FastExp(log_[i]);
    }
  }
  Finish(joining, levels.first(count));
  std::fill(levels.begin() + count, levels.end(), 0.0f);
}

void LineLevels::ComputeFromZ(std::span<const float> z_mean, Joining joining,
                              std::span<float> levels) {
  assert(z_mean.size() == levels.size() && levels.size() == kept_.size());
  const auto count = static_cast<Eigen::Index>(z_mean.size());
  Array(log_.data(), count) = ConstArray(z_mean.data(), count).max(kTiny);
  FastLog(log_, log_);
  Finish(joining, levels);
}

// From log_ to levels: holds peaks, clips, centres, masks.
void LineLevels::Finish(Joining joining, std::span<float> levels) {
  const auto count = static_cast<Eigen::Index>(levels.size());
  const ConstArray log(log_.data(), count);
  const ConstArray kept(kept_.data(), count);
  Array out(levels.data(), count);
  out = log;
  if (joining.peak_held && count > 2) {
    out.segment(1, count - 2) =
        log.segment(1, count - 2).max(log.head(count - 2)).max(log.tail(count - 2));
  }
  out = out.max(kLowestLevel).min(kHighestLevel);
  const float mean = (out * kept).sum() / std::max(kept.sum(), 1.0f);
  out = (out - mean) * kept;
}

}  // namespace auscult::features
