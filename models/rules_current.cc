#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "models/rules.h"

namespace auscult::models {
namespace {

// Lower sideband below the supply line, dB. The grades call 42 to 48 a cracked bar; sound rotors
// were measured down to 46 dB, so the limit stands below them.
constexpr float kRotorLimitDb = 45;
constexpr float kRotorStepDb = 12;
constexpr float kMinLoadPercent = 35;
constexpr float kNegativeSequenceLimitPercent = 5;

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

struct Indices {
  int line_hz, low, high, slip, negative, thd;

  explicit Indices(const features::FeatureSet& set)
      : line_hz(features::FeatureIndex(set, "line_frequency_hz")),
        low(features::FeatureIndex(set, "sideband_low_db")),
        high(features::FeatureIndex(set, "sideband_high_db")),
        slip(features::FeatureIndex(set, "slip")),
        negative(features::FeatureIndex(set, "negative_sequence_percent")),
        thd(features::FeatureIndex(set, "thd_percent")) {}
};

// Load in percent: as sent, else by the slip as a share of that at rated speed; NaN if unknown.
float LoadPercent(const Observation& observation, float slip, float line_hz) {
  if (std::isfinite(observation.features.load_percent)) return observation.features.load_percent;
  const features::Machine& machine = observation.machine;
  const auto pole_pairs = static_cast<float>(machine.pole_pairs);
  const float rated_slip = 1.0f - machine.rated_speed_rpm / 60.0f * pole_pairs / line_hz;
  return rated_slip > 0 ? 100.0f * slip / rated_slip : features::kNotKnown;
}

// The phase whose lower sideband stands highest; -1 where no phase shows one.
int WorstPhase(const Observation& observation, const Indices& indices) {
  int worst = -1;
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    const float low_db = observation.Value(channel, indices.low);
    if (!std::isfinite(low_db)) continue;
    if (worst < 0 || low_db < observation.Value(worst, indices.low)) worst = channel;
  }
  return worst;
}

Evidence Sideband(std::string feature, int channel, float level_db, float frequency_hz,
                  std::string text) {
  return {.text = std::move(text),
          .feature = std::move(feature),
          .channel = channel,
          .value = level_db,
          .limit = kRotorLimitDb,
          .frequency_hz = frequency_hz,
          .order = features::kNotKnown,
          .supports = level_db < kRotorLimitDb};
}

void JudgeRotor(const Observation& observation, const Indices& indices, Findings& findings) {
  const int channel = WorstPhase(observation, indices);
  if (channel < 0) {
    NoteGap(findings,
            "the sidebands of the supply line that show broken rotor bars could not be resolved",
            "send the speed with the record and the pole pairs of the motor, and record 20 to 60 s "
            "at load");
    return;
  }
  const float low_db = observation.Value(channel, indices.low);
  const float high_db = observation.Value(channel, indices.high);
  const float slip = observation.Value(channel, indices.slip);
  const float line_hz = observation.Value(channel, indices.line_hz);
  const float load_percent = LoadPercent(observation, slip, line_hz);
  if (load_percent < kMinLoadPercent) {
    NoteGap(findings,
            absl::StrFormat("the load is %.0f %%: below %.0f %% a broken rotor bar carries too "
                            "little current to be seen",
                            load_percent, kMinLoadPercent),
            "record again at 35 % load or more");
    return;
  }
  const float strength =
      std::clamp(1.0f + (kRotorLimitDb - low_db) / kRotorStepDb, 0.0f, kMaxStrength);
  Candidate candidate = {Fault::kBrokenRotorBar, strength, {}};
  const float low_hz = (1 - 2 * slip) * line_hz;
  candidate.evidence.push_back(
      Sideband("sideband_low_db", channel, low_db, low_hz,
               absl::StrFormat("sideband (1-2s)f at %.2f Hz lies %.1f dB below the supply line: %s "
                               "(limit %.0f dB, slip %.4f)",
                               low_hz, low_db, GradeOf(low_db), kRotorLimitDb, slip)));
  if (std::isfinite(high_db)) {
    const float high_hz = (1 + 2 * slip) * line_hz;
    candidate.evidence.push_back(
        Sideband("sideband_high_db", channel, high_db, high_hz,
                 absl::StrFormat("sideband (1+2s)f at %.2f Hz lies %.1f dB below the supply line",
                                 high_hz, high_db)));
  }
  Add(findings, std::move(candidate));
}

void JudgeStator(const Observation& observation, const Indices& indices, Findings& findings) {
  constexpr int channel = 0;  // what is of all three phases stands with each
  const float percent = observation.Value(channel, indices.negative);
  if (!std::isfinite(percent)) {
    NoteGap(findings, "the stator cannot be judged without all three phases",
            "record the three phase currents as three channels of one point");
    return;
  }
  const float limit = kNegativeSequenceLimitPercent;
  Add(findings, {Fault::kStatorWinding,
                 Share(percent, limit),
                 {{.text = absl::StrFormat(
                       "negative-sequence current %.1f %% of the positive sequence, limit "
                       "%.1f %% (an uneven supply shows in the same way: compare the "
                       "phase voltages)",
                       percent, limit),
                   .feature = "negative_sequence_percent",
                   .channel = channel,
                   .value = percent,
                   .limit = limit,
                   .frequency_hz = observation.Value(channel, indices.line_hz),
                   .order = features::kNotKnown,
                   .supports = percent >= limit}}});
}

}  // namespace

void JudgeCurrent(const Observation& observation, Findings& findings) {
  static const Indices indices(features::NewestFeatureSet(features::Signal::kCurrent));
  bool supplied = false;
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    supplied |= std::isfinite(observation.Value(channel, indices.line_hz));
  }
  if (!supplied) {
    NoteGap(findings, "no supply line dominates the record",
            "check that the sensor measures the current of a running motor");
    return;
  }
  JudgeRotor(observation, indices, findings);
  JudgeStator(observation, indices, findings);
}

}  // namespace auscult::models
