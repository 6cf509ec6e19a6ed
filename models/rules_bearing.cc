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
// Where the record hardly shows the speed that was looked for, lines may be met by chance: more is
// asked of them.
constexpr float kUnsureSpeed = 0.3f;
constexpr float kUnsureExistence = 1.5f;
constexpr float kCageExistenceLimit = 3.0f;  // lines at such low orders have other causes too
constexpr float kDepthLimit = 0.25f;
constexpr float kKurtosisLimit = 6.0f;
constexpr float kBallKurtosisLimit = 5.0f;

struct FamilyNames {
  Fault fault;
  features::Family family;
  std::string_view existence, depth, order;
  std::string_view text;
};

constexpr std::array<FamilyNames, 4> kFamilies = {{
    {Fault::kOuterRace, features::Family::kOuter, "bpfo_existence", "bpfo_depth", "bpfo_order",
     "outer-race lines BPFO"},
    {Fault::kInnerRace, features::Family::kInner, "bpfi_existence", "bpfi_depth", "bpfi_order",
     "inner-race lines BPFI"},
    {Fault::kBall, features::Family::kBall, "ball_existence", "ball_depth", "ball_order",
     "ball lines 2 x BSF"},
    {Fault::kCage, features::Family::kCage, "cage_existence", "cage_depth", "", "cage lines FTF"},
}};

struct Indices {
  struct Family {
    int existence, depth, order;
  };
  std::array<Family, kFamilies.size()> families;
  int kurtosis, bearing, speed_confidence;

  explicit Indices(const features::FeatureSet& set) {
    const auto index = [&](std::string_view name) { return features::FeatureIndex(set, name); };
    for (size_t f = 0; f < kFamilies.size(); ++f) {
      families[f] = {index(kFamilies[f].existence), index(kFamilies[f].depth),
                     index(kFamilies[f].order)};
    }
    kurtosis = index("kurtosis");
    bearing = index("bearing_index");
    speed_confidence = index("speed_confidence");
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
  float erratic = 0;  // strength of the rule of irregular impacts
  bool unsure_speed = false;
  std::string bearing;  // its name, for people

  float ExistenceLimit() const {
    return (kFamilies[id].fault == Fault::kCage ? kCageExistenceLimit : kExistenceLimit) +
           (unsure_speed ? kUnsureExistence : 0.0f);
  }
  float Strength() const {
    return std::max(erratic,
                    std::min(Share(existence, ExistenceLimit()),
                             std::max(Share(depth, kDepthLimit), Share(kurtosis, kKurtosisLimit))));
  }
};

// The bearing that the families of a channel are of; nullptr where none could be judged.
const features::MountedBearing* BearingAt(const features::Machine& machine, float index) {
  if (!(index >= 0) || index >= static_cast<float>(machine.bearings.size())) return nullptr;
  return &machine.bearings[static_cast<size_t>(index)];
}

std::string NameOf(const features::MountedBearing* bearing) {
  if (bearing == nullptr) return "bearing";
  if (bearing->designation.empty()) return bearing->name.empty() ? "bearing" : bearing->name;
  if (bearing->name.empty()) return bearing->designation;
  return absl::StrCat(bearing->name, " ", bearing->designation);
}

Family ReadFamily(const Observation& observation, const Indices& indices, size_t id, int channel) {
  const Indices::Family& at = indices.families[id];
  const features::MountedBearing* mounted =
      BearingAt(observation.machine, observation.Value(channel, indices.bearing));
  Family family = {
      .id = id,
      .channel = channel,
      .existence = observation.Value(channel, at.existence),
      .depth = observation.Value(channel, at.depth),
      .order = observation.Value(channel, at.order),
      .kurtosis = observation.Value(channel, indices.kurtosis),
      .erratic = 0,
      .unsure_speed = observation.Value(channel, indices.speed_confidence) < kUnsureSpeed,
      .bearing = NameOf(mounted)};
  // The order of the cage is that of the geometry: there is no feature of it.
  if (kFamilies[id].fault == Fault::kCage && mounted != nullptr) family.order = mounted->orders.ftf;
  features::BearingScore bearing;
  for (size_t f = 0; f < kFamilies.size(); ++f) {
    features::FamilyScore& score = bearing.families[static_cast<size_t>(kFamilies[f].family)];
    score.existence = observation.Value(channel, indices.families[f].existence);
    score.depth = observation.Value(channel, indices.families[f].depth);
  }
  family.accusation = features::Accusation(bearing, kFamilies[id].family);
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

Evidence ImpulsiveEvidence(const Family& family) {
  const bool erratic = family.erratic > 0;
  const float limit = erratic ? kBallKurtosisLimit : kKurtosisLimit;
  const std::string_view meaning =
      erratic ? " while neither race modulates the signal, as the irregular impacts of a rolling "
                "element do"
              : " (3 is plain noise)";
  Evidence evidence =
      Observed(family, "kurtosis", family.kurtosis, limit, features::kNotKnown,
               absl::StrFormat("kurtosis %.1f%s, limit %.1f", family.kurtosis, meaning, limit));
  evidence.order = features::kNotKnown;
  return evidence;
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
  evidence.push_back(ImpulsiveEvidence(family));
  // Depth alone is enough: a low kurtosis speaks against a fault only where depth fails too.
  const size_t depth = evidence.size() - 2;
  if (evidence[depth].supports && !evidence.back().supports) evidence.pop_back();
  return evidence;
}

// A defect on a rolling element seldom modulates evenly: its impacts come in bursts as the element
// turns. Impacts without a steady modulation by either race point to it, whatever family of lines
// stands out. Puts the ball first and gives it the strength of that.
void PreferErraticBall(std::vector<Family>& ranked) {
  float existence = 0;
  bool races_steady = false;
  size_t ball = 0;
  for (size_t i = 0; i < ranked.size(); ++i) {
    existence = std::fmax(existence, ranked[i].existence);
    const bool is_ball = kFamilies[ranked[i].id].fault == Fault::kBall;
    if (is_ball) ball = i;
    races_steady |= !is_ball && ranked[i].depth >= kDepthLimit;
  }
  const float kurtosis = ranked[ball].kurtosis;
  if (races_steady || !(kurtosis > kBallKurtosisLimit)) return;
  ranked[ball].erratic =
      std::min(Share(existence, kExistenceLimit), Share(kurtosis, kBallKurtosisLimit));
  std::rotate(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(ball),
              ranked.begin() + static_cast<std::ptrdiff_t>(ball) + 1);
}

// Silence of the rules is no health where something knocks.
void NoteUnexplainedImpacts(const std::vector<Family>& ranked, Findings& findings) {
  float kurtosis = features::kNotKnown;
  for (const Family& family : ranked) kurtosis = std::fmax(kurtosis, family.kurtosis);
  if (!(kurtosis >= kKurtosisLimit)) return;
  NoteGap(findings,
          absl::StrFormat("the record is impulsive (kurtosis %.1f, plain noise has 3), yet no line "
                          "family explains it",
                          kurtosis),
          "record again and longer; look for knocking, rubbing, poor lubrication or a bearing that "
          "is not listed");
}

}  // namespace

void JudgeBearings(const Observation& observation, Findings& findings) {
  if (observation.machine.bearings.empty()) return;
  static const Indices indices(features::NewestFeatureSet(features::Signal::kVibration));
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
  PreferErraticBall(best);
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
  NoteUnexplainedImpacts(best, findings);
}

}  // namespace auscult::models
