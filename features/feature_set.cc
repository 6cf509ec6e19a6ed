#include "features/feature_set.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "features/current_set.h"
#include "features/vibration_set.h"

namespace auscult::features {
namespace {

constexpr std::string_view kChannelUnit = "SI";

// Positions of a set's features in the order of their names: a diagnosis asks for dozens by name.
class NameIndex {
 public:
  explicit NameIndex(std::span<const FeatureDefinition> features)
      : features_(features), order_(features.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    std::sort(order_.begin(), order_.end(),
              [features](int a, int b) { return features[a].name < features[b].name; });
  }

  int Find(std::string_view name) const {
    const auto found = std::lower_bound(
        order_.begin(), order_.end(), name,
        [this](int position, std::string_view key) { return features_[position].name < key; });
    return found != order_.end() && features_[*found].name == name ? *found : -1;
  }

 private:
  std::span<const FeatureDefinition> features_;
  std::vector<int> order_;
};

}  // namespace

std::span<const FeatureSet> FeatureSets() {
  static const std::array kSets = {
      FeatureSet{1, "vibration/1", Signal::kVibration, VibrationFeatures().first(kVibrationCount1)},
      FeatureSet{2, "current/1", Signal::kCurrent, CurrentFeatures().first(kCurrentCount1)},
      FeatureSet{kVibrationSet, "vibration/2", Signal::kVibration, VibrationFeatures()},
      FeatureSet{kCurrentSet, "current/2", Signal::kCurrent, CurrentFeatures()}};
  return kSets;
}

const FeatureSet* FindFeatureSet(int16_t id) {
  for (const FeatureSet& set : FeatureSets()) {
    if (set.id == id) return &set;
  }
  return nullptr;
}

const FeatureSet& NewestFeatureSet(Signal signal) {
  return *FindFeatureSet(signal == Signal::kVibration ? kVibrationSet : kCurrentSet);
}

Signal SignalOf(Quantity quantity) {
  const bool electrical = quantity == Quantity::kCurrent || quantity == Quantity::kVoltage;
  return electrical ? Signal::kCurrent : Signal::kVibration;
}

int16_t FeatureSetFor(Quantity quantity) { return NewestFeatureSet(SignalOf(quantity)).id; }

int FeatureIndex(const FeatureSet& set, std::string_view name) {
  static const NameIndex vibration(VibrationFeatures());
  static const NameIndex current(CurrentFeatures());
  const int index = (set.signal == Signal::kVibration ? vibration : current).Find(name);
  return index < static_cast<int>(set.features.size()) ? index : -1;
}

std::string_view UnitOf(const FeatureDefinition& feature, Quantity quantity) {
  return feature.unit == kChannelUnit ? SiUnit(quantity) : feature.unit;
}

float FeatureVector::Value(int channel, std::string_view name) const {
  const FeatureSet* const set = FindFeatureSet(set_id);
  if (set == nullptr || channel < 0 || channel >= channel_count) return std::nanf("");
  const int index = FeatureIndex(*set, name);
  const size_t position =
      static_cast<size_t>(channel) * set->features.size() + static_cast<size_t>(std::max(index, 0));
  return index < 0 || position >= values.size() ? std::nanf("") : values[position];
}

bool BringToNewestSet(FeatureVector& vector) {
  const FeatureSet* const set = FindFeatureSet(vector.set_id);
  const auto channels = static_cast<size_t>(std::max(vector.channel_count, 0));
  if (set == nullptr || vector.values.size() != set->features.size() * channels) return false;
  const FeatureSet& newest = NewestFeatureSet(set->signal);
  if (set->id == newest.id) return true;
  std::vector<float> values(newest.features.size() * channels, std::nanf(""));
  for (size_t channel = 0; channel < channels; ++channel) {
    std::copy_n(vector.values.begin() + channel * set->features.size(), set->features.size(),
                values.begin() + channel * newest.features.size());
  }
  vector.values = std::move(values);
  vector.set_id = newest.id;
  return true;
}

}  // namespace auscult::features
