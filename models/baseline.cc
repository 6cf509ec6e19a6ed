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
  const float octaves = OctavesOff(features);
  if (std::isfinite(octaves)) expected += speed_slope_[deviation_index] * octaves;
  const float percent = LoadPercentOff(features);
  if (std::isfinite(percent)) expected += load_slope_[deviation_index] * percent;
  return expected;
}

std::vector<float> Baseline::Deviations(const features::FeatureVector& features) const {
  const features::FeatureSet* set = features::FindFeatureSet(set_id_);
  if (features.set_id != set_id_ || features.channel_count != channel_count_ || set == nullptr ||
      features.values.size() != set->features.size() * channel_count_) {
    return {};
  }
  // Where they are not known the slopes count for nothing.
  float octaves = OctavesOff(features);
  float percent = LoadPercentOff(features);
  if (!std::isfinite(octaves)) octaves = 0;
  if (!std::isfinite(percent)) percent = 0;
  std::vector<float> deviations(learnt_.size());
  for (size_t i = 0; i < learnt_.size(); ++i) {
    const float expected = location_[i] + speed_slope_[i] * octaves + load_slope_[i] * percent;
    const float rise = features.values[learnt_[i]] - expected;
    deviations[i] = std::clamp(rise / scatter_[i], -kMaxDeviation, kMaxDeviation);
  }
  return deviations;
}

OutsideLearnt Baseline::Outside(const features::FeatureVector& features) const {
  using Quantity = OutsideLearnt::Quantity;
  // Written so that a comparison with an unknown value finds nothing wrong.
  const float speed_rpm = features.speed_rpm;
  const float load_percent = features.load_percent;
  if (speed_rpm * kSpeedMargin < speed_low_rpm_ || speed_rpm > speed_high_rpm_ * kSpeedMargin) {
    return {Quantity::kSpeedRpm, speed_rpm, speed_low_rpm_, speed_high_rpm_};
  }
  if (load_percent < load_low_percent_ - kLoadMarginPercent ||
      load_percent > load_high_percent_ + kLoadMarginPercent) {
    return {Quantity::kLoadPercent, load_percent, load_low_percent_, load_high_percent_};
  }
  return {};
}

float Baseline::OctavesOff(const features::FeatureVector& features) const {
  const float octaves = std::log2(features.speed_rpm / reference_speed_rpm_);
  return std::isfinite(octaves) ? octaves : features::kNotKnown;
}

float Baseline::LoadPercentOff(const features::FeatureVector& features) const {
  return features.load_percent - reference_load_percent_;
}

void Baseline::FindLevels() {
  const features::FeatureSet& set = *features::FindFeatureSet(set_id_);
  const auto per_channel = static_cast<int>(set.features.size());
  const int level = features::FeatureIndex(set, "level_db");
  const int peak = features::FeatureIndex(set, "peak_db");
  for (size_t i = 0; i < learnt_.size(); ++i) {
    if (learnt_[i] % per_channel == level) levels_.push_back(static_cast<int>(i));
    if (learnt_[i] % per_channel == peak) peaks_.push_back(static_cast<int>(i));
  }
}

}  // namespace auscult::models
