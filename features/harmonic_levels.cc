#include "features/harmonic_levels.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>

#include "features/line_level.h"

namespace auscult::features {
namespace {

using Array = Eigen::Map<Eigen::ArrayXf>;
using ConstArray = Eigen::Map<const Eigen::ArrayXf>;

constexpr float kHarmonicWeights[] = {1.0f, 0.9f, 0.7f, 0.5f, 0.35f, 0.25f};
constexpr float kLowestLevel = -0.5f;
constexpr float kHighestLevel = 7.0f;
constexpr float kTiny = 1e-30f;

}  // namespace

void HarmonicLevels::Load(std::span<const float> power, int bins, int block_bins) {
  assert(!power.empty() && bins >= 1);
  const auto count = std::min(static_cast<Eigen::Index>(power.size()), Eigen::Index{bins});
  levels_.resize(count);
  floor_.resize(count);
  Array levels(levels_.data(), count);
  levels = ConstArray(power.data(), count).max(kTiny).log();
  NoiseFloor(levels_, block_bins, floor_);
  levels = (levels - ConstArray(floor_.data(), count)).max(kLowestLevel).min(kHighestLevel);
}

float HarmonicLevels::At(size_t bin) const {
  return bin < levels_.size() ? levels_[bin] : kLowestLevel;
}

float HarmonicLevels::Score(double bin, double reach) const {
  float score = 0;
  for (int k = 0; k < 6; ++k) {
    const double position = (k + 1) * bin;
    const auto below = static_cast<size_t>(position);
    if (below + 1 >= levels_.size()) break;
    if (reach * position > 0.5) {
      const auto begin = levels_.begin() + static_cast<size_t>(position * (1 - reach));
      const auto end = std::min(static_cast<size_t>(position * (1 + reach)) + 2, levels_.size());
      score += kHarmonicWeights[k] * *std::max_element(begin, levels_.begin() + end);
      continue;
    }
    const float share = static_cast<float>(position - static_cast<double>(below));
    score += kHarmonicWeights[k] * (levels_[below] + share * (levels_[below + 1] - levels_[below]));
  }
  return score;
}

}  // namespace auscult::features
