#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/str_cat.h"
#include "models/rules_current.h"
#include "models/sentence.h"

namespace auscult::models {
namespace {

// Lower sideband below the supply line, dB. The grades call 42 to 48 a cracked bar; sound rotors
// were measured down to 46 dB, so the limit stands below them.
constexpr float kRotorLimitDb = 45;
constexpr float kRotorStepDb = 12;
constexpr float kMinLoadPercent = 35;
constexpr float kMaxVariationPercent = 10;
constexpr float kSeenDb = 6;        // above the noise, for a sideband to be a line
constexpr float kWatchDb = 54;      // the grade from which a second sign decides
constexpr float kThirdDb = 50;      // and that sign: (3-2s)f or (3-4s)f so high,
constexpr float kThirdSeenDb = 10;  // and so far above the noise
constexpr float kMostUncorroborated = 0.9f;
constexpr float kEccentricityLimitDb = 40;
constexpr float kEccentricitySeenDb = 10;

struct Grade {
  float below_db;
  std::string_view text;
};
constexpr Grade kGrades[] = {{30, "severe damage of the cage"},
                             {36, "several broken rotor bars"},
                             {42, "a broken rotor bar"},
                             {48, "a cracked bar or a joint of high resistance"},
                             {54, "to be watched"},
                             {60, "good"}};

std::string_view GradeOf(float level_db) {
  for (const Grade& grade : kGrades) {
    if (level_db < grade.below_db) return grade.text;
  }
  return "excellent";
}

// Load in percent: as sent, else by the slip as a share of that at rated speed; NaN if unknown.
float LoadPercent(const Observation& observation, float slip, float line_hz) {
  if (std::isfinite(observation.features.load_percent)) return observation.features.load_percent;
  const features::Machine& machine = observation.machine;
  const auto pole_pairs = static_cast<float>(machine.pole_pairs);
  const float rated_slip = 1.0f - machine.rated_speed_rpm / 60.0f * pole_pairs / line_hz;
  return rated_slip > 0 ? 100.0f * slip / rated_slip : features::kNotKnown;
}

struct Sidebands {
  int channel;
  float line_hz, slip;
  float low_db, high_db, low_excess_db;
  float third_db, third_excess_db;

  // What the record of an older set does not say of the noise is taken for a line.
  bool low_seen() const { return !(low_excess_db < kSeenDb); }
  float noise_db() const { return low_db + low_excess_db; }
  bool third_seen() const { return third_db <= kThirdDb && third_excess_db >= kThirdSeenDb; }
};

// Of the phase whose lower sideband stands highest; nothing where no phase shows one.
std::optional<Sidebands> WorstPhase(const Observation& observation, const CurrentIndices& indices) {
  std::optional<Sidebands> worst;
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    const auto value = [&](int feature) { return observation.Value(channel, feature); };
    const float low_db = value(indices.low);
    if (!std::isfinite(low_db) || (worst && low_db >= worst->low_db)) continue;
    worst = {channel,
             value(indices.line_hz),
             value(indices.slip),
             low_db,
             value(indices.high),
             value(indices.low_excess),
             value(indices.third),
             value(indices.third_excess)};
  }
  return worst;
}

// What the channels share; some of them may lack it.
float Shared(const Observation& observation, int feature) {
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    const float value = observation.Value(channel, feature);
    if (std::isfinite(value)) return value;
  }
  return features::kNotKnown;
}

// Why no sideband could be looked at, and what would do.
void NoteUnresolved(const Observation& observation, const CurrentIndices& indices,
                    Findings& findings) {
  const float slip = Shared(observation, indices.slip);
  const float record_s = Shared(observation, indices.record_s);
  const std::string seconds = std::isfinite(record_s)
                                  ? Sentence("record at least %.3g s", std::ceil(record_s))
                                  : std::string("record 20 to 60 s");
  if (observation.machine.pole_pairs <= 0) {
    NoteGap(findings,
            "rotor bars cannot be judged: without the pole pairs of the motor its slip is unknown",
            absl::StrCat("name the pole pairs of the motor, and ", seconds, " at load"));
  } else if (!std::isfinite(slip)) {
    NoteGap(findings,
            "rotor bars cannot be judged: no measured speed came with the record, and its lines "
            "do not show the slip",
            absl::StrCat("send the measured speed, and ", seconds, " at load"));
  } else {
    const float line_hz = Shared(observation, indices.line_hz);
    NoteGap(findings,
            Sentence("rotor bars cannot be judged: the record is too short to resolve the "
                     "sideband (1-2s)f, %.2f Hz from the supply line at a slip of %.4f",
                     2 * slip * line_hz, slip),
            absl::StrCat(seconds, " at this load"));
  }
}

// Whether the state in which the record was taken lets rotor bars be judged.
bool Gradable(const Observation& observation, const CurrentIndices& indices,
              const Sidebands& sidebands, Findings& findings) {
  const float load_percent = LoadPercent(observation, sidebands.slip, sidebands.line_hz);
  if (load_percent < kMinLoadPercent) {
    NoteGap(findings,
            Sentence("the load is %.0f %%: below %.0f %% a broken rotor bar carries too "
                     "little current to be seen",
                     load_percent, kMinLoadPercent),
            "record again at 35 % load or more");
    return false;
  }
  const float variation = observation.Value(sidebands.channel, indices.variation);
  if (variation > kMaxVariationPercent) {
    NoteGap(findings,
            Sentence("rotor bars cannot be judged: the current moves by %.0f %% within the "
                     "record, so that slip and sidebands are smeared (limit %.0f %%)",
                     variation, kMaxVariationPercent),
            "record again at a steady load");
    return false;
  }
  return true;
}

Evidence Line(std::string_view feature, int channel, float level_db, float limit_db,
              float frequency_hz, bool supports, std::string text) {
  return {.text = std::move(text),
          .feature = std::string(feature),
          .channel = channel,
          .value = level_db,
          .limit = limit_db,
          .frequency_hz = frequency_hz,
          .order = features::kNotKnown,
          .supports = supports};
}

// By the sum of both sidebands (1-2s)f and (1+2s)f: load inertia shifts amplitude from one to the
// other (Bellini 2001). The grades of ISO 20958 are those of the lower one. Nothing where neither
// sign of broken bars is there.
Severity RotorSeverity(const Sidebands& sidebands) {
  if (!sidebands.low_seen() && !sidebands.third_seen()) return {};
  const auto amplitude = [](float below_db) {
    return std::isfinite(below_db) ? std::pow(10.0f, -below_db / 20) : 0.0f;
  };
  const float both = amplitude(sidebands.low_db) + amplitude(sidebands.high_db);
  const float both_db = -20 * std::log10(both);
  constexpr float kExcellentDb = 60;
  constexpr float kSevereDb = 30;
  Severity severity =
      SeverityOf((kExcellentDb - both_db) / (kExcellentDb - kSevereDb), 100 * both, "%",
                 Sentence("sidebands (1-2s)f and (1+2s)f together %.2f %% of the supply "
                          "line, %.1f dB below it",
                          100 * both, both_db));
  severity.grade = GradeOf(sidebands.low_db);
  return severity;
}

void AddEvidence(const Sidebands& sidebands, std::vector<Evidence>& evidence) {
  const float low_db = sidebands.low_db;
  const bool above = low_db < kRotorLimitDb && sidebands.low_seen();
  const float low_hz = (1 - 2 * sidebands.slip) * sidebands.line_hz;
  std::string text = Sentence(
      "sideband (1-2s)f at %.2f Hz lies %.1f dB below the supply line: %s (limit %.0f dB, slip "
      "%.4f)",
      low_hz, low_db, GradeOf(low_db), kRotorLimitDb, sidebands.slip);
  if (!sidebands.low_seen()) {
    text = Sentence(
        "no sideband (1-2s)f at %.2f Hz stands out of the noise, which lies %.1f dB below the "
        "supply line (slip %.4f)",
        low_hz, sidebands.noise_db(), sidebands.slip);
  }
  evidence.push_back(Line("sideband_low_db", sidebands.channel, low_db, kRotorLimitDb, low_hz,
                          above, std::move(text)));
  if (std::isfinite(sidebands.high_db)) {
    const float high_hz = (1 + 2 * sidebands.slip) * sidebands.line_hz;
    evidence.push_back(
        Line("sideband_high_db", sidebands.channel, sidebands.high_db, kRotorLimitDb, high_hz,
             sidebands.high_db < kRotorLimitDb,
             Sentence("sideband (1+2s)f at %.2f Hz lies %.1f dB below the supply line", high_hz,
                      sidebands.high_db)));
  }
  if (std::isfinite(sidebands.third_db)) {
    evidence.push_back(
        Line("third_sideband_db", sidebands.channel, sidebands.third_db, kThirdDb,
             (3 - 2 * sidebands.slip) * sidebands.line_hz, sidebands.third_seen(),
             Sentence("the clearer of (3-2s)f and (3-4s)f lies %.1f dB below the supply "
                      "line and %.1f dB above the noise (limits %.0f and %.0f dB)",
                      sidebands.third_db, sidebands.third_excess_db, kThirdDb, kThirdSeenDb)));
  }
}

void AddRotorBars(const Sidebands& sidebands, Findings& findings) {
  const float low_db = sidebands.low_db;
  float strength = std::clamp(1.0f + (kRotorLimitDb - low_db) / kRotorStepDb, 0.0f, kMaxStrength);
  if (!sidebands.low_seen()) strength = std::min(strength, kMostUncorroborated);
  const bool corroborated = low_db < kWatchDb && sidebands.third_seen();
  if (corroborated) strength = std::max(strength, 1.0f);
  Add(findings, Fault::kBrokenRotorBar, strength, [&](Candidate& candidate) {
    AddEvidence(sidebands, candidate.evidence);
    candidate.severity = RotorSeverity(sidebands);
  });
}
}  // namespace

void JudgeRotorBars(const Observation& observation, const CurrentIndices& indices,
                    Findings& findings) {
  const std::optional<Sidebands> sidebands = WorstPhase(observation, indices);
  if (!sidebands) {
    NoteUnresolved(observation, indices, findings);
    return;
  }
  if (!Gradable(observation, indices, *sidebands, findings)) return;
  AddRotorBars(*sidebands, findings);
  if (!sidebands->low_seen() && sidebands->noise_db() < kWatchDb) {
    NoteGap(findings,
            Sentence("rotor bars cannot be judged: the noise beside the sideband (1-2s)f "
                     "lies only %.0f dB below the supply line",
                     sidebands->noise_db()),
            "record 20 to 60 s: every doubling of the length lowers the noise by 3 dB");
  }
}

void JudgeEccentricity(const Observation& observation, const CurrentIndices& indices,
                       Findings& findings) {
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    const float low_db = observation.Value(channel, indices.eccentricity_low);
    const float high_db = observation.Value(channel, indices.eccentricity_high);
    const float excess_db = observation.Value(channel, indices.eccentricity_excess);
    if (!std::isfinite(low_db) || !std::isfinite(high_db)) continue;
    const bool upper = high_db < low_db;
    const float level_db = std::min(low_db, high_db);
    const bool seen = excess_db >= kEccentricitySeenDb;
    float strength =
        std::clamp(1.0f + (kEccentricityLimitDb - level_db) / kRotorStepDb, 0.0f, kMaxStrength);
    if (!seen) strength = std::min(strength, kMostUncorroborated);
    const float line_hz = observation.Value(channel, indices.line_hz);
    const float shaft_hz = observation.Value(channel, indices.shaft_rpm) / 60.0f;
    const float hz = upper ? line_hz + shaft_hz : std::abs(line_hz - shaft_hz);
    Add(findings, Fault::kEccentricity, strength, [&](Candidate& candidate) {
      candidate.evidence.push_back(
          Line(upper ? "eccentricity_high_db" : "eccentricity_low_db", channel, level_db,
               kEccentricityLimitDb, hz, seen && level_db <= kEccentricityLimitDb,
               Sentence("line f %s fr at %.2f Hz lies %.1f dB below the supply line, both "
                        "%.1f dB above the noise (limit %.0f dB; an unbalanced or misaligned "
                        "load shows in the same way)",
                        upper ? "+" : "-", hz, level_db, excess_db, kEccentricityLimitDb)));
      candidate.severity = SeverityOf(0.5f + (kEccentricityLimitDb - level_db) / 40, level_db, "dB",
                                      Sentence("line %.1f dB below the supply line", level_db));
    });
  }
}

}  // namespace auscult::models
