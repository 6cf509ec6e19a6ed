#include "server/trend_series.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "absl/strings/str_join.h"
#include "server/concat.h"
#include "server/names.h"
#include "server/plant_check.h"

namespace auscult::server {
namespace {

constexpr size_t kSuggestions = 6;
constexpr size_t kMaxNameBytes = 128;

absl::Status UnknownSeries(std::string_view name, std::vector<std::string> known,
                           std::string_view place, const std::string& field) {
  const std::vector<std::string> close = ClosestNames(name, std::move(known), kSuggestions);
  return BadField("UNKNOWN_SERIES", field,
                  Concat("there is no series ", Quoted(name), " of ", place),
                  close.empty() ? std::string("this asset has no readings yet")
                                : Concat("use one of ", absl::StrJoin(close, ", "), ", ..."));
}

// Insertions, deletions and exchanges to get from one to the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t exchange = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({exchange, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string UnitText(std::string_view unit, features::Quantity quantity) {
  // "SI" stands for the unit in which values of the channel's quantity are kept.
  return std::string(unit == "SI" ? features::SiUnit(quantity) : unit);
}

void AddEverySeries(const TrendSource& point, WantedSeries& wanted) {
  using Kind = db::TrendSelection::Kind;
  wanted.names.insert(wanted.names.end(), {"health", "severity"});
  wanted.units.insert(wanted.units.end(), {"", ""});
  wanted.selections.insert(wanted.selections.end(),
                           {{.kind = Kind::kHealth}, {.kind = Kind::kSeverity}});
  const features::Signal signal = features::SignalOf(point.channels.front().quantity);
  const features::FeatureSet& set = features::NewestFeatureSet(signal);
  for (size_t c = 0; c < point.channels.size(); ++c) {
    for (size_t f = 0; f < set.features.size(); ++f) {
      wanted.names.push_back(Concat(point.channels[c].id, "/", set.features[f].name));
      wanted.units.push_back(UnitText(set.features[f].unit, point.channels[c].quantity));
      wanted.selections.push_back({.kind = Kind::kFeature,
                                   .signal = signal,
                                   .channel = static_cast<int>(c),
                                   .feature = static_cast<int>(f)});
    }
  }
}

}  // namespace

absl::StatusOr<PointSeries> FindPointSeries(std::string_view name, const TrendSource& point,
                                            const std::string& field) {
  using Kind = db::TrendSelection::Kind;
  if (name == "health") return PointSeries{.selection = {.kind = Kind::kHealth}, .unit = ""};
  if (name == "severity") return PointSeries{.selection = {.kind = Kind::kSeverity}, .unit = ""};
  size_t channel = 0;
  std::string_view feature = name;
  if (const size_t slash = name.find('/'); slash != std::string_view::npos) {
    const std::string_view id = name.substr(0, slash);
    const auto found =
        std::find_if(point.channels.begin(), point.channels.end(),
                     [id](const DirectoryEntry::Channel& candidate) { return candidate.id == id; });
    channel = static_cast<size_t>(found - point.channels.begin());
    feature = name.substr(slash + 1);
  }
  const features::Signal signal = features::SignalOf(point.channels.front().quantity);
  const features::FeatureSet& set = features::NewestFeatureSet(signal);
  const int index = features::FeatureIndex(set, feature);
  if (index < 0 || channel == point.channels.size()) {
    std::vector<std::string> known = {"health", "severity"};
    for (const features::FeatureDefinition& definition : set.features) {
      known.emplace_back(definition.name);
      for (size_t c = 1; c < point.channels.size(); ++c) {
        known.push_back(Concat(point.channels[c].id, "/", definition.name));
      }
    }
    return UnknownSeries(name, std::move(known), point.name, field);
  }
  return PointSeries{.selection = {.kind = Kind::kFeature,
                                   .signal = signal,
                                   .channel = static_cast<int>(channel),
                                   .feature = index},
                     .unit = UnitText(set.features[static_cast<size_t>(index)].unit,
                                      point.channels[channel].quantity)};
}

absl::StatusOr<WantedSeries> FindAllSeries(
    const google::protobuf::RepeatedPtrField<std::string>& series, const TrendSource& point,
    bool strict) {
  WantedSeries wanted;
  std::vector<std::string> names(series.begin(), series.end());
  if (names.empty()) names = {"health"};
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "*") {
      AddEverySeries(point, wanted);
      continue;
    }
    auto found = FindPointSeries(names[i], point, Concat("series[", i, "]"));
    if (found.ok()) {
      wanted.names.push_back(names[i]);
      wanted.units.push_back(std::move(found->unit));
      wanted.selections.push_back(found->selection);
    } else if (strict) {
      return found.status();
    } else {
      wanted.first_unknown.Update(found.status());
    }
  }
  return wanted;
}

absl::Status CheckReadingName(std::string_view name, const std::vector<std::string>& known,
                              const std::string& field) {
  if (std::find(known.begin(), known.end(), name) != known.end()) return absl::OkStatus();
  if (name == "health" || name == "severity") {
    return BadField("UNKNOWN_SERIES", field, Concat(Quoted(name), " is a series of points"),
                    "ask for a point of this asset: sites/{site}/assets/{asset}/points/{point}");
  }
  return UnknownSeries(name, known, "this asset", field);
}

std::string ReadingUnit(std::string_view quantity) {
  using Suffix = std::pair<std::string_view, std::string_view>;
  // Longer ones first where one ends in another.
  static constexpr std::array<Suffix, 27> kSuffixes = {
      Suffix{"_mm_s", "mm/s"}, {"_m3_h", "m³/h"}, {"_l_min", "l/min"}, {"_kg_s", "kg/s"},
      {"_m_s2", "m/s²"},       {"_m_s", "m/s"},   {"_percent", "%"},   {"_rpm", "rpm"},
      {"_khz", "kHz"},         {"_hz", "Hz"},     {"_mbar", "mbar"},   {"_bar", "bar"},
      {"_kpa", "kPa"},         {"_mpa", "MPa"},   {"_pa", "Pa"},       {"_mw", "MW"},
      {"_kw", "kW"},           {"_w", "W"},       {"_nm", "N·m"},      {"_kn", "kN"},
      {"_mm", "mm"},           {"_um", "µm"},     {"_ma", "mA"},       {"_a", "A"},
      {"_kv", "kV"},           {"_v", "V"},       {"_c", "°C"}};
  for (const auto& [suffix, unit] : kSuffixes) {
    if (quantity.ends_with(suffix)) return std::string(unit);
  }
  return "";
}

std::vector<std::string> ClosestNames(std::string_view name, std::vector<std::string> known,
                                      size_t count) {
  const std::string_view wanted = name.substr(0, kMaxNameBytes);
  std::vector<std::pair<size_t, std::string>> ranked;
  for (std::string& candidate : known) {
    // What contains the words asked for is closer than any misspelling.
    const bool contains = !wanted.empty() && candidate.find(wanted) != std::string::npos;
    ranked.emplace_back(contains ? 0 : 1 + EditDistance(wanted, candidate), std::move(candidate));
  }
  count = std::min(count, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count),
                    ranked.end());
  std::vector<std::string> closest;
  for (size_t i = 0; i < count; ++i) closest.push_back(std::move(ranked[i].second));
  return closest;
}

}  // namespace auscult::server
