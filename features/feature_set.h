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

// What the channels of a record carry, and so which features they have.
enum class Signal : unsigned char {
  kVibration,  // acceleration, velocity or displacement
  kCurrent,    // current or voltage
};

// A numbered list of features. A stored vector names its set; a set never changes once released.
// New features come with a new number: the new set holds the one before it, position by position,
// and then what is new. So whoever knows where a feature stands in the newest set knows it for all
// of that signal, and older vectors lack only the last ones.
struct FeatureSet {
  int16_t id;
  std::string_view name;  // "vibration/2"
  Signal signal;
  std::span<const FeatureDefinition> features;
};

// The newest of each signal: what Extract gives.
inline constexpr int16_t kVibrationSet = 3;
inline constexpr int16_t kCurrentSet = 4;

// nullptr for an unknown id.
const FeatureSet* FindFeatureSet(int16_t id);
// Oldest first.
std::span<const FeatureSet> FeatureSets();
const FeatureSet& NewestFeatureSet(Signal signal);
Signal SignalOf(Quantity quantity);
// Id of the newest for a channel of that quantity.
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

// Gives a vector of an older set the shape of the newest one of its signal: what the old set did
// not have is NaN. False, and nothing changed, where the set is unknown or the number of values
// does not fit it.
bool BringToNewestSet(FeatureVector& vector);

}  // namespace auscult::features
