#include "models/baseline.h"

#include <algorithm>
#include <cmath>

namespace auscult::models {
namespace {

constexpr float kSpeedMargin = 1.07f;
constexpr float kLoadMarginPercent = 10.0f;

}  // namespace

float Baseline::Expected(int deviation_index, const features::FeatureVector& features) const {
  float expected = location_[deviation_index];
  const float octaves = std::log2(features.speed_rpm / reference_speed_rpm_);
  if (std::isfinite(octaves)) expected += speed_slope_[deviation_index] * octaves;
  const float percent = features.load_percent - reference_load_percent_;
  if (std::isfinite(percent)) expected += load_slope_[deviation_index] * percent;
  return expected;
}

std::vector<float> Baseline::Deviations(const features::FeatureVector& features) const {
  const features::FeatureSet* set = features::FindFeatureSet(set_id_);
  if (features.set_id != set_id_ || features.channel_count != channel_count_ || set == nullptr ||
      features.values.size() != set->features.size() * channel_count_) {
    return {};
  }
  std::vector<float> deviations(learnt_.size());
  for (size_t i = 0; i < learnt_.size(); ++i) {
    const float rise = features.values[learnt_[i]] - Expected(static_cast<int>(i), features);
    deviations[i] = std::clamp(rise / scatter_[i], -kMaxDeviation, kMaxDeviation);
  }
  return deviations;
}

bool Baseline::Covers(const features::FeatureVector& features) const {
  // Written so that a comparison with an unknown value finds nothing wrong.
  const float speed_rpm = features.speed_rpm;
  const float load_percent = features.load_percent;
  return !(speed_rpm * kSpeedMargin < speed_low_rpm_) &&
         !(speed_rpm > speed_high_rpm_ * kSpeedMargin) &&
         !(load_percent < load_low_percent_ - kLoadMarginPercent) &&
         !(load_percent > load_high_percent_ + kLoadMarginPercent);
}

}  // namespace auscult::models
