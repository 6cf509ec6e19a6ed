#include "server/point_limits.h"

#include <cmath>
#include <set>

#include "absl/strings/str_join.h"
#include "features/feature_set.h"
#include "server/concat.h"
#include "server/names.h"
#include "server/plant_check.h"
#include "server/trend_series.h"

namespace auscult::server {
namespace {

using Channels = std::vector<DirectoryEntry::Channel>;

constexpr size_t kSuggestions = 6;
constexpr int kMaxLimits = 256;

const features::FeatureSet& SetOf(const Channels& channels) {
  return features::NewestFeatureSet(features::SignalOf(channels.front().quantity));
}

// Positions of "kurtosis" (every channel) or "H/kurtosis" in a vector; empty for an unknown name.
std::vector<int> PositionsOf(std::string_view name, const Channels& channels) {
  const size_t slash = name.rfind('/');
  const bool every = slash == std::string_view::npos;
  const features::FeatureSet& set = SetOf(channels);
  const int feature = features::FeatureIndex(set, every ? name : name.substr(slash + 1));
  std::vector<int> positions;
  for (size_t i = 0; feature >= 0 && i < channels.size(); ++i) {
    if (channels[i].quantity == features::Quantity::kTachometer) continue;
    if (!every && channels[i].id != name.substr(0, slash)) continue;
    positions.push_back(static_cast<int>(i * set.features.size()) + feature);
  }
  return positions;
}

absl::Status UnknownFeature(const std::string& name, const Channels& channels,
                            const std::string& field) {
  std::vector<std::string> known;
  for (const features::FeatureDefinition& feature : SetOf(channels).features) {
    known.emplace_back(feature.name);
    for (size_t i = 0; channels.size() > 1 && i < channels.size(); ++i) {
      known.push_back(Concat(channels[i].id, "/", feature.name));
    }
  }
  return BadField(
      "UNKNOWN_FEATURE", field, Concat("the point has no feature ", Quoted(name)),
      Concat("use one of ", absl::StrJoin(ClosestNames(name, std::move(known), kSuggestions), ", "),
             ", ..."));
}

absl::Status CheckValues(const v1::FeatureLimit& limit, const std::string& field) {
  if (!limit.has_alert() && !limit.has_alarm()) {
    return BadField("MISSING_FIELD", field, Concat(limit.feature(), " has neither alert nor alarm"),
                    "give at least one of both, or leave the feature out");
  }
  for (const auto& [has, value, name] : {std::tuple(limit.has_alert(), limit.alert(), ".alert"),
                                         std::tuple(limit.has_alarm(), limit.alarm(), ".alarm")}) {
    if (!has || std::isfinite(value)) continue;
    return BadField("NOT_FINITE", field + name, Concat(field, name, " is not a finite number"),
                    "send a number in the unit of the feature, or leave it out");
  }
  if (limit.has_alert() && limit.has_alarm() && limit.alert() > limit.alarm()) {
    return BadField("LIMIT_ORDER", field,
                    Concat("the alert of ", limit.feature(), " is ", limit.alert(),
                           ", above its alarm of ", limit.alarm()),
                    "send an alert that is not above the alarm");
  }
  return CheckText(limit.note(), field + ".note");
}

}  // namespace

absl::Status CheckLimits(const v1::PointLimits& limits, const Channels& channels,
                         const std::string& field) {
  if (limits.limits_size() > kMaxLimits) {
    return BadField("TOO_MANY_LIMITS", field + ".limits",
                    Concat("the point would get ", limits.limits_size(), " limits"),
                    Concat("set at most ", kMaxLimits));
  }
  if (limits.limits_size() > 0 && channels.empty()) {
    return BadField("UNKNOWN_FEATURE", field + ".limits",
                    "the point has no channels, so no features",
                    "give it channels with UpdatePoint first");
  }
  std::set<int> seen;
  for (int i = 0; i < limits.limits_size(); ++i) {
    const v1::FeatureLimit& limit = limits.limits(i);
    const std::string place = Concat(field, ".limits[", i, "]");
    const std::vector<int> positions = PositionsOf(limit.feature(), channels);
    if (positions.empty()) return UnknownFeature(limit.feature(), channels, place + ".feature");
    for (const int position : positions) {
      if (seen.insert(position).second) continue;
      return BadField("DUPLICATE_LIMIT", place + ".feature",
                      Concat("a limit for ", limit.feature(), " was given before"),
                      "give one alert and one alarm for each feature of a channel");
    }
    if (absl::Status status = CheckValues(limit, place); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::vector<models::UserLimit> UserLimitsOf(const v1::PointLimits& limits,
                                            const Channels& channels) {
  std::vector<models::UserLimit> result;
  if (channels.empty()) return result;
  for (const v1::FeatureLimit& limit : limits.limits()) {
    for (const int position : PositionsOf(limit.feature(), channels)) {
      result.push_back({.value_index = position,
                        .alert = limit.has_alert() ? limit.alert() : features::kNotKnown,
                        .alarm = limit.has_alarm() ? limit.alarm() : features::kNotKnown});
    }
  }
  return result;
}

}  // namespace auscult::server
