#include "features/family_depth.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>

#include "features/line_level.h"
#include "features/order_axis.h"

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

constexpr int kHarmonics = 6;
// Share of its frequency over which a line of a slipping bearing spreads to each side.
constexpr double kLineShare = 0.004;
constexpr float kNoiseDeviations = 2.0f;

bool OnHarmonic(double order, double shaft, int harmonic) {
  const double multiple = order / shaft;
  return std::abs(multiple - std::round(multiple)) < 0.015 + 0.0006 * harmonic;
}

}  // namespace

void ModulationDepth::Reserve(int bin_count) {
  // The speed, and with it the length, is sharpened by a little in every record.
  const auto room = static_cast<size_t>(bin_count + bin_count / 16);
  if (index_squared_.capacity() >= static_cast<size_t>(bin_count)) return;
  index_squared_.reserve(room);
  noise_.reserve(room);
}

void ModulationDepth::Load(std::span<const float> power, int length, double bins_per_order,
                           std::span<const float> other_shafts) {
  other_shafts_ = other_shafts;
  assert(!power.empty() && length > 0 && bins_per_order > 0);
  bins_per_order_ = bins_per_order;
  const auto count = static_cast<Eigen::Index>(power.size());
  index_squared_.resize(power.size());
  noise_.resize(power.size());
  const float scale = 4.0f / (static_cast<float>(length) * static_cast<float>(length));
  Array squared(index_squared_.data(), count);
  squared = (ConstArray(power.data(), count) * scale).max(1e-30f).log();
  NoiseFloor(index_squared_, static_cast<int>(std::max(48.0, 2 * bins_per_order)), noise_);
  squared = squared.exp();
  Array noise(noise_.data(), count);
  noise = (noise + kLogMeanOfExponential).exp();
}

bool ModulationDepth::OnShaft(double order, int harmonic) const {
  return OnHarmonic(order, 1.0, harmonic) ||
         std::any_of(other_shafts_.begin(), other_shafts_.end(),
                     [&](float shaft) { return OnHarmonic(order, shaft, harmonic); });
}

float ModulationDepth::Of(double order, double spread) const {
  const int count = static_cast<int>(index_squared_.size());
  float sum = 0;
  for (int harmonic = 1; harmonic <= kHarmonics; ++harmonic) {
    if (OnShaft(harmonic * order, harmonic)) continue;
    const double centre = harmonic * order * bins_per_order_;
    const int half_width = std::max(
        {2, static_cast<int>(kLineShare * centre), static_cast<int>(spread * bins_per_order_)});
    const int begin = NearestBin(centre) - half_width;
    const int end = begin + 2 * half_width + 1;
    if (begin < 1 || end > count) break;
    float line = 0;
    float noise = 0;
    float noise_variance = 0;
    for (int i = begin; i < end; ++i) {
      if (spread > 0 && OnShaft(i / bins_per_order_, 1)) continue;
      line += index_squared_[i];
      noise += noise_[i];
      noise_variance += noise_[i] * noise_[i];
    }
    sum += std::max(0.0f, line - noise - kNoiseDeviations * std::sqrt(noise_variance));
  }
  return std::sqrt(sum);
}

ModulationDepth::Result ModulationDepth::Deepest(double order, double uncertainty,
                                                 double spread) const {
  Result deepest{Of(order, spread), order};
  for (const double share : {-1.0, -0.5, 0.5, 1.0}) {
    const double candidate = order + share * uncertainty;
    const float depth = Of(candidate, spread);
    if (depth > deepest.depth) deepest = {depth, candidate};
  }
  return deepest;
}

}  // namespace auscult::features
