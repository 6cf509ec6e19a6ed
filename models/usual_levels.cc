#include "models/usual_levels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <tuple>

#include "models/byte_codec.h"
#include "models/robust.h"

namespace auscult::models {
namespace {

constexpr float kMinShareKnown = 0.8f;

constexpr std::array<std::string_view, 19> kSymptoms = {
    "bpfo_existence",   "bpfi_existence",      "ball_existence",
    "cage_existence",   "bpfo_depth",          "bpfi_depth",
    "ball_depth",       "cage_depth",          "kurtosis",
    "order_0_5x_mm_s",  "order_1x_mm_s",       "order_2x_mm_s",
    "order_3x_mm_s",    "order_4x_mm_s",       "order_5x_mm_s",
    "line_2x_mm_s",     "gear_sideband_ratio", "negative_sequence_percent",
    "unbalance_percent"};

UsualLevels::Level LevelOf(std::span<const float> values) {
  return {.middle = Median(values),
          .high = Quantile(values, 0.95f),
          .scatter = std::max(MedianDeviation(values), 0.6f * StandardDeviation(values))};
}

bool Possible(const UsualLevels::Level& level) {
  return std::isfinite(level.middle) && std::isfinite(level.high) && std::isfinite(level.scatter) &&
         level.scatter >= 0 && level.high >= level.middle;
}

}  // namespace

UsualLevels UsualLevels::Fit(std::span<const features::FeatureVector> healthy) {
  UsualLevels usual;
  if (healthy.empty()) return usual;
  const features::FeatureSet* set = features::FindFeatureSet(healthy.front().set_id);
  if (set == nullptr) return usual;
  std::vector<int> symptoms;
  for (const std::string_view name : kSymptoms) {
    if (const int index = features::FeatureIndex(*set, name); index >= 0) symptoms.push_back(index);
  }
  std::sort(symptoms.begin(), symptoms.end());
  std::vector<float> values;
  for (int channel = 0; channel < healthy.front().channel_count; ++channel) {
    for (const int feature : symptoms) {
      values.clear();
      for (const features::FeatureVector& record : healthy) {
        const float value = record.values[channel * set->features.size() + feature];
        if (std::isfinite(value)) values.push_back(value);
      }
      const auto known = static_cast<float>(values.size());
      if (known < kMinRecords || known < kMinShareKnown * static_cast<float>(healthy.size())) {
        continue;
      }
      usual.entries_.push_back({channel, feature, LevelOf(values)});
    }
  }
  return usual;
}

UsualLevels::Level UsualLevels::Of(int channel, int feature) const {
  const auto place = [](const Entry& entry) { return std::tuple(entry.channel, entry.feature); };
  const std::tuple<int, int> wanted(channel, feature);
  const auto at = std::lower_bound(
      entries_.begin(), entries_.end(), wanted,
      [&](const Entry& entry, const std::tuple<int, int>& key) { return place(entry) < key; });
  return at != entries_.end() && place(*at) == wanted ? at->level : Level();
}

void UsualLevels::Write(ByteWriter& writer) const {
  writer.Write(static_cast<uint16_t>(entries_.size()));
  for (const Entry& entry : entries_) {
    writer.Write(static_cast<uint8_t>(entry.channel));
    writer.Write(static_cast<uint16_t>(entry.feature));
    writer.Write(entry.level.middle);
    writer.Write(entry.level.high);
    writer.Write(entry.level.scatter);
  }
}

bool UsualLevels::Read(ByteReader& reader, int16_t set_id, int channel_count) {
  const features::FeatureSet* set = features::FindFeatureSet(set_id);
  const auto count = reader.Read<uint16_t>();
  if (set == nullptr ||
      !reader.Holds(count, sizeof(uint8_t) + sizeof(uint16_t) + 3 * sizeof(float))) {
    return false;
  }
  std::vector<Entry> entries;
  for (int i = 0; i < count; ++i) {
    Entry entry{.channel = reader.Read<uint8_t>(), .feature = reader.Read<uint16_t>(), .level = {}};
    entry.level.middle = reader.Read<float>();
    entry.level.high = reader.Read<float>();
    entry.level.scatter = reader.Read<float>();
    const bool ordered =
        entries.empty() || std::tuple(entries.back().channel, entries.back().feature) <
                               std::tuple(entry.channel, entry.feature);
    if (!ordered || entry.channel >= channel_count ||
        entry.feature >= static_cast<int>(set->features.size()) || !Possible(entry.level)) {
      return false;
    }
    entries.push_back(entry);
  }
  entries_ = std::move(entries);
  return true;
}

}  // namespace auscult::models
