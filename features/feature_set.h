#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "features/quality.h"
#include "features/units.h"

namespace auscult::features {

// How a baseline treats a feature: compares it on its own axis or in decibels, or only shows it.
enum class Scale : unsigned char {
  kLinear,   // shown, not learnt
  kLevelDb,  // already in dB: learnt as it is, rises count
  kOrders,   // a position (order, frequency), never compared
};

// One number of a feature vector. `name` is stable for ever; the unit stands last in it where there
// is one.
struct FeatureDefinition {
  std::string_view name;  // "velocity_rms_mm_s"
  std::string_view unit;  // "mm/s", "" for a ratio, "SI" for the SI unit of the channel
  Scale scale;
  std::string_view description;  // formula and source in one line
};

// A numbered list of features. A stored vector names its set; a set never changes once released.
// New features come with a new number.
struct FeatureSet {
  int16_t id;
  std::string_view name;  // "vibration/1"
  std::span<const FeatureDefinition> features;
};

inline constexpr int16_t kVibrationSet1 = 1;  // acceleration, velocity or displacement
inline constexpr int16_t kCurrentSet1 = 2;    // current or voltage

// nullptr for an unknown id.
const FeatureSet* FindFeatureSet(int16_t id);
std::span<const FeatureSet> FeatureSets();
int16_t FeatureSetFor(Quantity quantity);

// The unit to show: that of the channel where the feature has it.
std::string_view UnitOf(const FeatureDefinition& feature, Quantity quantity);

// Position of a feature in its set, -1 when absent.
int FeatureIndex(const FeatureSet& set, std::string_view name);

// What Extract makes of one record: `channel_count` blocks of the set's features, one after the
// other. A feature that could not be computed honestly is NaN.
struct FeatureVector {
  int16_t set_id = 0;
  int channel_count = 0;
  std::vector<float> values;
  QualityFlags quality = 0;
  float speed_rpm = 0;     // the speed used for orders, NaN when none
  float load_percent = 0;  // NaN when unknown

  // NaN where channel or name does not exist.
  float Value(int channel, std::string_view name) const;
};

}  // namespace auscult::features
