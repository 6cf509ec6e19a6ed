#include "models/classifier_inputs.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <functional>

#include "features/bearing_family.h"

namespace auscult::models {
namespace {

using features::Family;
using features::FeatureIndex;

// A feature as it is, or over another one.
struct Ratio {
  std::string_view name;
  std::string_view feature;
  std::string_view over;  // "" = as it is
};

constexpr std::array kRatios = {
    Ratio{"bpfo_existence", "bpfo_existence", ""},
    Ratio{"bpfi_existence", "bpfi_existence", ""},
    Ratio{"ball_existence", "ball_existence", ""},
    Ratio{"cage_existence", "cage_existence", ""},
    Ratio{"bpfo_depth", "bpfo_depth", ""},
    Ratio{"bpfi_depth", "bpfi_depth", ""},
    Ratio{"ball_depth", "ball_depth", ""},
    Ratio{"cage_depth", "cage_depth", ""},
    Ratio{"bpfo_band_depth", "bpfo_band_depth", ""},
    Ratio{"bpfi_band_depth", "bpfi_band_depth", ""},
    Ratio{"ball_band_depth", "ball_band_depth", ""},
    Ratio{"cage_band_depth", "cage_band_depth", ""},
    Ratio{"kurtosis", "kurtosis", ""},
    Ratio{"highpass_kurtosis", "highpass_kurtosis", ""},
    Ratio{"crest_factor", "crest_factor", ""},
    Ratio{"highpass_crest_factor", "highpass_crest_factor", ""},
    Ratio{"shape_factor", "shape_factor", ""},
    Ratio{"kurtogram_kurtosis", "kurtogram_kurtosis", ""},
    Ratio{"impulsiveness_500_2000_db", "impulsiveness_500_2000_db", ""},
    Ratio{"impulsiveness_2000_4000_db", "impulsiveness_2000_4000_db", ""},
    Ratio{"impulsiveness_4000_7000_db", "impulsiveness_4000_7000_db", ""},
    Ratio{"impulsiveness_7000_12500_db", "impulsiveness_7000_12500_db", ""},
    Ratio{"impulsiveness_1000_12000_db", "impulsiveness_1000_12000_db", ""},
    Ratio{"highpass_share", "highpass_rms", "rms"},
    Ratio{"high_frequency_share", "high_frequency_rms", "rms"},
    Ratio{"high_frequency_crest", "high_frequency_peak", "high_frequency_rms"},
    Ratio{"order_1x_share", "order_1x_mm_s", "velocity_rms_mm_s"},
    Ratio{"order_0_5x_over_1x", "order_0_5x_mm_s", "order_1x_mm_s"},
    Ratio{"order_1_5x_over_1x", "order_1_5x_mm_s", "order_1x_mm_s"},
    Ratio{"order_2_5x_over_1x", "order_2_5x_mm_s", "order_1x_mm_s"},
    Ratio{"order_3_5x_over_1x", "order_3_5x_mm_s", "order_1x_mm_s"},
    Ratio{"order_2x_over_1x", "order_2x_mm_s", "order_1x_mm_s"},
    Ratio{"order_3x_over_1x", "order_3x_mm_s", "order_1x_mm_s"},
    Ratio{"order_4x_over_1x", "order_4x_mm_s", "order_1x_mm_s"},
    Ratio{"order_5x_over_1x", "order_5x_mm_s", "order_1x_mm_s"},
    Ratio{"supply_share", "line_2x_mm_s", "velocity_rms_mm_s"},
    Ratio{"blade_pass_share", "blade_pass_mm_s", "velocity_rms_mm_s"},
    Ratio{"belt_share", "belt_mm_s", "velocity_rms_mm_s"},
    Ratio{"gear_mesh_share", "gear_mesh_m_s2", "acceleration_rms_m_s2"},
    Ratio{"gear_sideband_ratio", "gear_sideband_ratio", ""},
    Ratio{"gear_sideband_energy_ratio", "gear_sideband_energy_ratio", ""},
    Ratio{"gear_fm0", "gear_fm0", ""},
    Ratio{"gear_fm4", "gear_fm4", ""},
    Ratio{"gear_na4", "gear_na4", ""},
    Ratio{"speed_confidence", "speed_confidence", ""},
    Ratio{"speed_variation_percent", "speed_variation_percent", ""},
};

// Outer, inner and ball beside the best of the other two.
constexpr std::array<std::string_view, 12> kRivals = {
    "outer_existence_lead", "outer_depth_lead", "outer_accusation_lead", "outer_slip",
    "inner_existence_lead", "inner_depth_lead", "inner_accusation_lead", "inner_slip",
    "ball_existence_lead",  "ball_depth_lead",  "ball_accusation_lead",  "ball_slip"};

// Over the machine's own baseline.
constexpr std::array<std::string_view, 4> kRises = {"level_rise_db", "peak_rise_db",
                                                    "impulsiveness_rise_db", "severity"};

constexpr size_t kInputCount = kRatios.size() + kRivals.size() + kRises.size();

const features::FeatureSet& Set() {
  return features::NewestFeatureSet(features::Signal::kVibration);
}

struct Positions {
  std::array<int, kRatios.size()> feature, over;
  std::array<int, features::kFamilyCount> existence, depth;
  std::array<int, 3> order;
  int bearing, level, peak, first_impulsiveness, last_impulsiveness;

  Positions() {
    const auto index = [](std::string_view name) {
      return name.empty() ? -1 : FeatureIndex(Set(), name);
    };
    for (size_t i = 0; i < kRatios.size(); ++i) {
      feature[i] = index(kRatios[i].feature);
      over[i] = index(kRatios[i].over);
      assert(feature[i] >= 0 && (kRatios[i].over.empty() || over[i] >= 0));
    }
    existence = {index("bpfo_existence"), index("bpfi_existence"), index("ball_existence"),
                 index("cage_existence")};
    depth = {index("bpfo_depth"), index("bpfi_depth"), index("ball_depth"), index("cage_depth")};
    order = {index("bpfo_order"), index("bpfi_order"), index("ball_order")};
    bearing = index("bearing_index");
    level = index("level_db");
    peak = index("peak_db");
    first_impulsiveness = index("impulsiveness_500_2000_db");
    last_impulsiveness = index("impulsiveness_1000_12000_db");
  }
};

const Positions& At() {
  static const Positions positions;
  return positions;
}

// The features of one channel, whatever the age of their set.
class Channel {
 public:
  Channel(const features::FeatureVector& features, int channel) {
    const size_t count = features::FindFeatureSet(features.set_id)->features.size();
    values_ = std::span(features.values).subspan(static_cast<size_t>(channel) * count, count);
  }
  float operator[](int index) const {
    if (index < 0 || index >= static_cast<int>(values_.size())) return features::kNotKnown;
    return std::isfinite(values_[index]) ? values_[index] : features::kNotKnown;
  }

 private:
  std::span<const float> values_;
};

features::BearingScore FamiliesOf(const Channel& channel) {
  features::BearingScore bearing;
  for (size_t f = 0; f < bearing.families.size(); ++f) {
    bearing.families[f].existence = channel[At().existence[f]];
    bearing.families[f].depth = channel[At().depth[f]];
  }
  return bearing;
}

float Finite(float value) { return std::isfinite(value) ? value : features::kNotKnown; }

void AddRatios(const Channel& channel, std::vector<float>& inputs) {
  for (size_t i = 0; i < kRatios.size(); ++i) {
    const float value = channel[At().feature[i]];
    inputs.push_back(At().over[i] < 0 ? value : Finite(value / channel[At().over[i]]));
  }
}

void AddRivals(const Channel& channel, const features::Machine& machine,
               std::vector<float>& inputs) {
  const features::BearingScore scores = FamiliesOf(channel);
  const auto lead = [](const std::function<float(size_t)>& of, size_t family) {
    return Finite(of(family) - std::fmax(of((family + 1) % 3), of((family + 2) % 3)));
  };
  const float bearing = channel[At().bearing];
  const bool known = bearing >= 0 && bearing < static_cast<float>(machine.bearings.size());
  features::BearingOrders orders = {features::kNotKnown, features::kNotKnown, features::kNotKnown,
                                    features::kNotKnown};
  if (known) orders = machine.bearings[static_cast<size_t>(bearing)].orders;
  const std::array<float, 3> nominal = {orders.bpfo, orders.bpfi, 2 * orders.bsf};
  for (size_t f = 0; f < nominal.size(); ++f) {
    inputs.push_back(lead([&](size_t i) { return scores.families[i].existence; }, f));
    inputs.push_back(lead([&](size_t i) { return scores.families[i].depth; }, f));
    inputs.push_back(
        lead([&](size_t i) { return features::Accusation(scores, static_cast<Family>(i)); }, f));
    inputs.push_back(Finite(std::abs(channel[At().order[f]] / nominal[f] - 1)));
  }
}

void AddRises(const features::FeatureVector& features, int channel, const Baseline* baseline,
              std::vector<float>& inputs) {
  std::array<float, kRises.size()> rises;
  rises.fill(features::kNotKnown);
  const std::vector<float> deviations =
      baseline == nullptr ? std::vector<float>() : baseline->Deviations(features);
  const int per_channel = static_cast<int>(Set().features.size());
  std::vector<float> highest;
  for (size_t i = 0; i < deviations.size(); ++i) {
    const int position = baseline->learnt()[i];
    if (position / per_channel != channel || std::isnan(deviations[i])) continue;
    highest.push_back(std::max(0.0f, deviations[i]));
    const int feature = position % per_channel;
    const float rise =
        features.values[position] - baseline->Expected(static_cast<int>(i), features);
    if (feature == At().level) rises[0] = rise;
    if (feature == At().peak) rises[1] = rise;
    if (feature >= At().first_impulsiveness && feature <= At().last_impulsiveness) {
      rises[2] = std::fmax(rises[2], rise);
    }
  }
  constexpr size_t kCounted = 3;  // the severity of ALGORITHMS: mean of the three largest rises
  if (highest.size() >= kCounted) {
    std::partial_sort(highest.begin(), highest.begin() + kCounted, highest.end(), std::greater<>());
    rises[3] = (highest[0] + highest[1] + highest[2]) / 3.0f;
  }
  inputs.insert(inputs.end(), rises.begin(), rises.end());
}

}  // namespace

std::span<const std::string_view> ClassifierInputNames() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Ratio& ratio : kRatios) all.push_back(ratio.name);
    all.insert(all.end(), kRivals.begin(), kRivals.end());
    all.insert(all.end(), kRises.begin(), kRises.end());
    return all;
  }();
  return names;
}

int ClassifiedChannel(const features::FeatureVector& features) {
  const features::FeatureSet* const set = features::FindFeatureSet(features.set_id);
  if (set == nullptr || set->signal != features::Signal::kVibration || features.channel_count < 1 ||
      features.values.size() != set->features.size() * features.channel_count) {
    return -1;
  }
  int chosen = 0;
  float most = features::kNotKnown;
  for (int channel = 0; channel < features.channel_count; ++channel) {
    const features::BearingScore scores = FamiliesOf(Channel(features, channel));
    for (const Family family : {Family::kOuter, Family::kInner, Family::kBall}) {
      if (!std::isfinite(scores[family].existence)) continue;
      const float accusation = features::Accusation(scores, family);
      if (accusation <= most) continue;
      most = accusation;
      chosen = channel;
    }
  }
  return chosen;
}

std::vector<float> ClassifierInputs(const features::FeatureVector& features, int channel,
                                    const features::Machine& machine, const Baseline* baseline) {
  assert(channel >= 0 && channel < features.channel_count);
  std::vector<float> inputs;
  inputs.reserve(kInputCount);
  const Channel values(features, channel);
  AddRatios(values, inputs);
  AddRivals(values, machine, inputs);
  AddRises(features, channel, baseline, inputs);
  assert(inputs.size() == kInputCount);
  return inputs;
}

}  // namespace auscult::models
