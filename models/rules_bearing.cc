#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_format.h"
#include "features/bearing_family.h"
#include "models/rules.h"

namespace auscult::models {
namespace {

// Limits found on development records and confirmed on few others: docs/models.md, Diagnosis.
constexpr float kExistenceLimit = 2.5f;
constexpr float kCageExistenceLimit = 4.0f;  // lines at such low orders have other causes too
constexpr float kDepthLimit = 0.25f;
constexpr float kKurtosisLimit = 6.0f;
constexpr float kBallKurtosisLimit = 5.0f;

struct FamilyNames {
  Fault fault;
  std::string_view existence, depth, order;
  std::string_view text;
};

constexpr std::array<FamilyNames, 4> kFamilies = {{
    {Fault::kOuterRace, "bpfo_existence", "bpfo_depth", "bpfo_order", "outer-race lines BPFO"},
    {Fault::kInnerRace, "bpfi_existence", "bpfi_depth", "bpfi_order", "inner-race lines BPFI"},
    {Fault::kBall, "ball_existence", "ball_depth", "ball_order", "ball lines 2 x BSF"},
    {Fault::kCage, "cage_existence", "cage_depth", "", "cage lines FTF"},
}};

struct Indices {
  struct Family {
    int existence, depth, order;
  };
  std::array<Family, kFamilies.size()> families;
  int kurtosis, bearing;

  explicit Indices(const features::FeatureSet& set) {
    const auto index = [&](std::string_view name) { return features::FeatureIndex(set, name); };
    for (size_t f = 0; f < kFamilies.size(); ++f) {
      families[f] = {index(kFamilies[f].existence), index(kFamilies[f].depth),
                     index(kFamilies[f].order)};
    }
    kurtosis = index("kurtosis");
    bearing = index("bearing_index");
  }
};

// One family on one channel.
struct Family {
  size_t id = 0;  // in kFamilies
  int channel = 0;
  float existence = features::kNotKnown;
  float depth = features::kNotKnown;
  float order = features::kNotKnown;
  float kurtosis = features::kNotKnown;
  float accusation = -1e9f;
  std::string bearing;  // its name, for people

  float ExistenceLimit() const {
    return kFamilies[id].fault == Fault::kCage ? kCageExistenceLimit : kExistenceLimit;
  }
  float Strength() const {
    return std::min(Share(existence, ExistenceLimit()),
                    std::max(Share(depth, kDepthLimit), Share(kurtosis, kKurtosisLimit)));
  }
};

std::string BearingName(const features::Machine& machine, float index) {
  if (!(index >= 0) || index >= static_cast<float>(machine.bearings.size())) return "bearing";
  const features::MountedBearing& bearing = machine.bearings[static_cast<size_t>(index)];
  if (bearing.designation.empty()) return bearing.name.empty() ? "bearing" : bearing.name;
  if (bearing.name.empty()) return bearing.designation;
  return absl::StrCat(bearing.name, " ", bearing.designation);
}

Family ReadFamily(const Observation& observation, const Indices& indices, size_t id, int channel) {
  const Indices::Family& at = indices.families[id];
  const float bearing = observation.Value(channel, indices.bearing);
  Family family = {.id = id,
                   .channel = channel,
                   .existence = observation.Value(channel, at.existence),
                   .depth = observation.Value(channel, at.depth),
                   .order = observation.Value(channel, at.order),
                   .kurtosis = observation.Value(channel, indices.kurtosis),
                   .bearing = BearingName(observation.machine, bearing)};
  if (kFamilies[id].fault == Fault::kCage && bearing >= 0 &&
      bearing < static_cast<float>(observation.machine.bearings.size())) {
    family.order = observation.machine.bearings[static_cast<size_t>(bearing)].orders.ftf;
  }
  family.accusation = features::Accusation({.existence = family.existence, .depth = family.depth});
  return family;
}

Evidence Observed(const Family& family, std::string_view feature, float value, float limit,
                  float frequency_hz, std::string text) {
  return {.text = std::move(text),
          .feature = std::string(feature),
          .channel = family.channel,
          .value = value,
          .limit = limit,
          .frequency_hz = frequency_hz,
          .order = family.order,
          .supports = value >= limit};
}

std::vector<Evidence> EvidenceOf(const Family& family, float shaft_hz) {
  const FamilyNames& names = kFamilies[family.id];
  const float frequency_hz = family.order * shaft_hz;
  std::vector<Evidence> evidence;
  evidence.push_back(
      Observed(family, names.existence, family.existence, family.ExistenceLimit(), frequency_hz,
               absl::StrFormat("%s of %s at %.1f Hz (%.2f x shaft): existence %.1f, limit %.1f",
                               names.text, family.bearing, frequency_hz, family.order,
                               family.existence, family.ExistenceLimit())));
  evidence.push_back(Observed(
      family, names.depth, family.depth, kDepthLimit, frequency_hz,
      absl::StrFormat("%s modulate the power of the signal with a depth of %.2f, limit %.2f",
                      names.text, family.depth, kDepthLimit)));
  Evidence impulsive =
      Observed(family, "kurtosis", family.kurtosis, kKurtosisLimit, features::kNotKnown,
               absl::StrFormat("kurtosis %.1f (3 is plain noise), limit %.1f", family.kurtosis,
                               kKurtosisLimit));
  impulsive.order = features::kNotKnown;
  // Depth alone is enough, so a low kurtosis speaks against a fault only where depth fails too.
  if (impulsive.supports || !evidence.back().supports) evidence.push_back(std::move(impulsive));
  return evidence;
}

}  // namespace

void JudgeBearings(const Observation& observation, Findings& findings) {
  static const Indices indices(*features::FindFeatureSet(features::kVibrationSet1));
  std::vector<Family> best;
  for (size_t id = 0; id < kFamilies.size(); ++id) {
    Family strongest = ReadFamily(observation, indices, id, 0);
    for (int channel = 1; channel < observation.features.channel_count; ++channel) {
      Family family = ReadFamily(observation, indices, id, channel);
      if (family.accusation > strongest.accusation) strongest = std::move(family);
    }
    best.push_back(std::move(strongest));
  }
  Family cage = std::move(best.back());
  best.pop_back();
  const bool judged = std::any_of(best.begin(), best.end(),
                                  [](const Family& f) { return std::isfinite(f.existence); });
  if (!judged) {
    NoteGap(findings, "the bearing lines could not be looked for in this record",
            "record at least 20 turns of the shaft at four times the highest defect frequency");
    return;
  }
  std::stable_sort(best.begin(), best.end(),
                   [](const Family& a, const Family& b) { return a.accusation > b.accusation; });
  // One defect excites lines of its neighbours: what ranks lower may not be called louder.
  float ceiling = kMaxStrength;
  for (size_t rank = 0; rank < best.size(); ++rank) {
    const Family& family = best[rank];
    findings.bearing_ranking[rank] = kFamilies[family.id].fault;
    if (!std::isfinite(family.existence)) continue;
    const float strength = std::min(family.Strength(), ceiling);
    ceiling = 0.9f * strength;
    Add(findings,
        {kFamilies[family.id].fault, strength, EvidenceOf(family, observation.ShaftHz())});
  }
  if (std::isfinite(cage.existence)) {
    Add(findings, {Fault::kCage, cage.Strength(), EvidenceOf(cage, observation.ShaftHz())});
  }
}

}  // namespace auscult::models
