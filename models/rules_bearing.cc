#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "features/bearing_family.h"
#include "models/rules.h"
#include "models/sentence.h"

namespace auscult::models {
namespace {

// Limits found on development records and confirmed on few others: docs/models.md, Diagnosis.
constexpr float kExistenceLimit = 2.5f;
// Where the record hardly shows the speed that was looked for, lines may be met by chance: more is
// asked of them.
constexpr float kUnsureSpeed = 0.3f;
constexpr float kUnsureExistence = 1.5f;
constexpr float kDoubtfulSpeed = 0.6f;
constexpr float kDoubtfulDepth = 1.6f;  // times the limit
// Rolling elements are never quite alike, and healthy bearings show their cage by it: existence 6
// and depth 0.3 were measured on healthy ones.
constexpr float kCageExistenceLimit = 3.0f;
constexpr float kCageDepthLimit = 0.5f;
constexpr float kDepthLimit = 0.25f;
constexpr float kKurtosisLimit = 6.0f;
constexpr float kBallKurtosisLimit = 5.0f;
// A defect of a race meets every rolling element and so modulates steadily: an accusation
// (features::Accusation) below kFaintRace, or lines below kPlainRace that hardly modulate, are no
// such defect. If the bearing has one at all, a rolling element has it, whose impacts come in
// spells. From windows of development records: races at fault reach accusations of 6 and depths of
// 0.3 and more; where a ball is, they hardly exceed 4.5, or 0.26.
constexpr float kFaintRace = 4.0f;
constexpr float kPlainRace = 7.5f;
constexpr float kShallowRace = 0.28f;
// What is usual on a machine may lower limits to this share of the general ones, and raise that of
// existence, which ends at 12, up to kMostUsualExistence: from there on depth decides.
constexpr float kLeastShareOfLimit = 0.6f;
constexpr float kMostUsualExistence = 8.0f;

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
  float erratic = 0;          // strength of the rule of irregular impacts
  float bearing_index = -1;   // of the machine's
  float existence_limit = 0;  // those of this machine and record
  float depth_limit = 0;
  float kurtosis_limit = 0;
  float ball_kurtosis_limit = 0;
  float usual_existence = features::kNotKnown;  // of the machine, where it is known
  float usual_depth = features::kNotKnown;
  float usual_kurtosis = features::kNotKnown;
  bool few_turns = false;   // of the cage, so that impacts are too few to say anything
  int channels_judged = 1;  // that look at the same bearing
  int channels_found = 0;   // of these, where the family reaches its limit of existence

  Fault fault() const { return kFamilies[id].fault; }
  // Impacts are those of races and rolling elements: a cage must modulate by itself.
  bool ImpactsCount() const { return fault() != Fault::kCage && !few_turns; }
  float Strength() const {
    const float impulsive =
        ImpactsCount() ? ShareAbove(kurtosis, usual_kurtosis, kurtosis_limit) : 0.0f;
    return std::max(erratic,
                    std::min(ShareAbove(existence, usual_existence, existence_limit),
                             std::max(ShareAbove(depth, usual_depth, depth_limit), impulsive)));
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

void SetLimits(const Observation& observation, const Indices& indices, Family& family) {
  const Indices::Family& at = indices.families[family.id];
  const int channel = family.channel;
  const bool cage = family.fault() == Fault::kCage;
  const UsualLevels::Level existence = observation.Usual(channel, at.existence);
  const UsualLevels::Level depth = observation.Usual(channel, at.depth);
  const UsualLevels::Level kurtosis = observation.Usual(channel, indices.kurtosis);
  const auto limit = [](const UsualLevels::Level& usual, float general) {
    return Observation::LimitBy(usual, general, kLeastShareOfLimit * general);
  };
  const float speed_confidence = observation.Value(channel, indices.speed_confidence);
  const bool unsure = speed_confidence < kUnsureSpeed;
  const bool doubtful = speed_confidence < kDoubtfulSpeed;
  family.existence_limit = std::min(limit(existence, cage ? kCageExistenceLimit : kExistenceLimit),
                                    kMostUsualExistence) +
                           (unsure ? kUnsureExistence : 0.0f);
  family.depth_limit =
      limit(depth, cage ? kCageDepthLimit : kDepthLimit) * (doubtful ? kDoubtfulDepth : 1.0f);
  family.kurtosis_limit = Observation::LimitBy(kurtosis, kKurtosisLimit, kKurtosisLimit);
  family.ball_kurtosis_limit =
      Observation::LimitBy(kurtosis, kBallKurtosisLimit, kBallKurtosisLimit);
  family.usual_existence = existence.middle;
  family.usual_depth = depth.middle;
  family.usual_kurtosis = kurtosis.middle;
}

Family ReadFamily(const Observation& observation, const Indices& indices, size_t id, int channel) {
  const Indices::Family& at = indices.families[id];
  const float bearing_index = observation.Value(channel, indices.bearing);
  const features::MountedBearing* mounted = BearingAt(observation.machine, bearing_index);
  Family family = {.id = id,
                   .channel = channel,
                   .existence = observation.Value(channel, at.existence),
                   .depth = observation.Value(channel, at.depth),
                   .order = observation.Value(channel, at.order),
                   .kurtosis = observation.Value(channel, indices.kurtosis),
                   .bearing_index = bearing_index};
  SetLimits(observation, indices, family);
  const auto& cage = indices.families.back();
  family.few_turns = !std::isfinite(observation.Value(channel, cage.existence));
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

// The family on the channel that accuses most. The channels that look at the same bearing have a
// say in how much: a defect is heard at more than one place, chance is not.
Family OverChannels(const Observation& observation, const Indices& indices, size_t id) {
  std::vector<Family> channels;
  channels.reserve(observation.features.channel_count);
  size_t strongest = 0;
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    channels.push_back(ReadFamily(observation, indices, id, channel));
    if (channels.back().accusation > channels[strongest].accusation)
      strongest = channels.size() - 1;
  }
  Family family = channels[strongest];
  float sum = 0;
  family.channels_judged = 0;
  for (const Family& heard : channels) {
    if (!std::isfinite(heard.existence) || heard.bearing_index != family.bearing_index) continue;
    sum += heard.accusation;
    ++family.channels_judged;
    family.channels_found += heard.existence >= heard.existence_limit;
  }
  if (family.channels_judged > 1) {
    const float mean = sum / static_cast<float>(family.channels_judged);
    family.accusation = 0.5f * (family.accusation + mean);
  }
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
  const float limit = erratic ? family.ball_kurtosis_limit : family.kurtosis_limit;
  const std::string_view meaning =
      erratic ? " while neither race modulates the signal, as the irregular impacts of a rolling "
                "element do"
              : " (3 is plain noise)";
  Evidence evidence = Observed(family, "kurtosis", family.kurtosis, limit, features::kNotKnown,
                               Sentence("kurtosis %.1f%s, limit %.1f%s", family.kurtosis, meaning,
                                        limit, UsualText(family.usual_kurtosis)));
  evidence.order = features::kNotKnown;
  return evidence;
}

void AddEvidence(const Observation& observation, const Family& family,
                 std::vector<Evidence>& evidence) {
  const FamilyNames& names = kFamilies[family.id];
  const float frequency_hz = family.order * observation.ShaftHz();
  evidence.push_back(
      Observed(family, names.existence, family.existence, family.existence_limit, frequency_hz,
               Sentence("%s of %s at %.1f Hz (%.2f x shaft): existence %.1f, limit %.1f%s",
                        names.text, NameOf(BearingAt(observation.machine, family.bearing_index)),
                        frequency_hz, family.order, family.existence, family.existence_limit,
                        UsualText(family.usual_existence))));
  evidence.push_back(Observed(
      family, names.depth, family.depth, family.depth_limit, frequency_hz,
      Sentence("%s modulate the power of the signal with a depth of %.2f, limit %.2f%s", names.text,
               family.depth, family.depth_limit, UsualText(family.usual_depth))));
  // Depth alone is enough: a low kurtosis speaks against a fault only where depth fails too.
  const bool deep = evidence.back().supports;
  Evidence impulsive = ImpulsiveEvidence(family);
  if (family.ImpactsCount() && (impulsive.supports || !deep)) {
    evidence.push_back(std::move(impulsive));
  }
  if (family.channels_judged > 1) {
    evidence.push_back(Observed(
        family, names.existence, static_cast<float>(family.channels_found), 2, frequency_hz,
        Sentence("%s stand out on %d of the %d channels that look at this bearing", names.text,
                 family.channels_found, family.channels_judged)));
  }
}

// By depth; by impulsiveness where a fault is called for that.
Severity BearingSeverity(const Family& family) {
  constexpr float kHalfDepth = 1.0f;      // impacts that stand clear of everything else
  constexpr float kHalfKurtosis = 10.0f;  // above that of noise
  if (family.depth >= family.depth_limit || !(family.Strength() >= 1)) {
    return SeverityOf(family.depth / (family.depth + kHalfDepth), family.depth, "",
                      Sentence("modulation depth %.2f, which is how clearly the lines stand "
                               "out, not the size of the defect",
                               family.depth));
  }
  const float excess = family.kurtosis - 3;
  return SeverityOf(excess / (excess + kHalfKurtosis), family.kurtosis, "",
                    Sentence("kurtosis %.1f", family.kurtosis));
}

void AddFamily(const Observation& observation, const Family& family, float strength,
               Findings& findings) {
  Add(findings, family.fault(), strength, [&](Candidate& candidate) {
    AddEvidence(observation, family, candidate.evidence);
    candidate.severity = BearingSeverity(family);
  });
}

void MoveToFront(std::vector<Family>& ranked, size_t index) {
  const auto at = ranked.begin() + static_cast<std::ptrdiff_t>(index);
  std::rotate(ranked.begin(), at, at + 1);
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
    const bool is_ball = ranked[i].fault() == Fault::kBall;
    if (is_ball) ball = i;
    races_steady |= !is_ball && ranked[i].depth >= ranked[i].depth_limit;
  }
  Family& family = ranked[ball];
  if (races_steady || !(family.kurtosis > family.ball_kurtosis_limit)) return;
  family.erratic = std::min(Share(existence, family.existence_limit),
                            Share(family.kurtosis, family.ball_kurtosis_limit));
  MoveToFront(ranked, ball);
}

void PreferBallToFaintRaces(std::vector<Family>& ranked) {
  size_t ball = 0;
  for (size_t i = 0; i < ranked.size(); ++i) {
    if (ranked[i].fault() == Fault::kBall) {
      ball = i;
    } else if (ranked[i].accusation >= kFaintRace &&
               (ranked[i].depth >= kShallowRace || ranked[i].existence >= kPlainRace)) {
      return;
    }
  }
  MoveToFront(ranked, ball);
}

// Silence of the rules is no health where something knocks.
void NoteUnexplainedImpacts(const std::vector<Family>& ranked, Findings& findings) {
  float kurtosis = features::kNotKnown;
  for (const Family& family : ranked) kurtosis = std::fmax(kurtosis, family.kurtosis);
  if (!(kurtosis >= ranked.front().kurtosis_limit)) return;
  NoteGap(findings,
          Sentence("the record is impulsive (kurtosis %.1f, plain noise has 3), yet no line "
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
  best.reserve(kFamilies.size());
  for (size_t id = 0; id < kFamilies.size(); ++id) {
    best.push_back(OverChannels(observation, indices, id));
  }
  const Family cage = best.back();
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
  // Spells come with the cage: a record of few turns of it does not show what is irregular.
  if (std::isfinite(cage.existence)) {
    PreferBallToFaintRaces(best);
    PreferErraticBall(best);
  }
  // One defect excites lines of its neighbours: what ranks lower may not be called louder.
  float ceiling = kMaxStrength;
  for (size_t rank = 0; rank < best.size(); ++rank) {
    const Family& family = best[rank];
    findings.bearing_ranking[rank] = family.fault();
    if (!std::isfinite(family.existence)) continue;
    const float strength = std::min(family.Strength(), ceiling);
    ceiling = 0.9f * strength;
    AddFamily(observation, family, strength, findings);
  }
  if (std::isfinite(cage.existence)) {
    // What is wrong with a race or a rolling element explains cage lines.
    const float called = findings.candidates.front().strength;
    AddFamily(observation, cage,
              called >= 1 ? std::min(cage.Strength(), 0.9f * called) : cage.Strength(), findings);
  }
  NoteUnexplainedImpacts(best, findings);
}

}  // namespace auscult::models
