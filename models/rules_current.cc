#include "models/rules_current.h"

#include <algorithm>
#include <cmath>

#include "models/sentence.h"

namespace auscult::models {
namespace {

constexpr float kNegativeSequenceLimitPercent = 5;
constexpr float kSevereNegativeSequencePercent = 30;
constexpr float kLostPhaseUnbalancePercent = 50;
constexpr float kThdLimitPercent = 20;
constexpr float kBearingExcessLimitDb = 12;
// Shown, not called: healthy motors have lines there too, close to whole multiples of the shaft
// speed, and no recording with a known truth tells how high they may be.
constexpr float kMostBearingStrength = 0.9f;

void JudgeStator(const Observation& observation, const CurrentIndices& indices,
                 Findings& findings) {
  constexpr int channel = 0;  // what is of all three phases stands with each
  const float percent = observation.Value(channel, indices.negative);
  if (!std::isfinite(percent)) {
    NoteGap(findings, "the stator cannot be judged without all three phases",
            "record the three phase currents as three channels of one point");
    return;
  }
  const auto evidence = [&](std::string_view feature, float value, float limit, float orders,
                            std::string text) {
    return Evidence{.text = std::move(text),
                    .feature = std::string(feature),
                    .channel = channel,
                    .value = value,
                    .limit = limit,
                    .frequency_hz = orders * observation.Value(channel, indices.line_hz),
                    .order = features::kNotKnown,
                    .supports = value >= limit};
  };
  const float unbalance = observation.Value(channel, indices.unbalance);
  if (unbalance >= kLostPhaseUnbalancePercent) {
    Add(findings, Fault::kElectrical, kMaxStrength, [&](Candidate& candidate) {
      candidate.evidence.push_back(
          evidence("unbalance_percent", unbalance, kLostPhaseUnbalancePercent, 1,
                   Sentence("the currents of the phases differ from their mean by %.0f %%: "
                            "one of them is hardly fed (fuse, contact, cable or sensor)",
                            unbalance)));
      candidate.severity =
          SeverityOf(unbalance / 100, unbalance, "%", Sentence("unbalance %.0f %%", unbalance));
    });
    return;
  }
  const float limit = observation.Limit(channel, indices.negative, kNegativeSequenceLimitPercent,
                                        kNegativeSequenceLimitPercent);
  // A short lifts the positive sequence too, so that their ratio tells less than the current.
  const float current = 0.01f * percent * observation.Value(channel, indices.positive);
  const float usual = observation.Usual(channel, indices.negative).middle;
  const float park = observation.Value(channel, indices.park_2f);
  const float strength = ShareAbove(percent, usual, limit);
  Add(findings, Fault::kStatorWinding, strength, [&](Candidate& candidate) {
    candidate.evidence.push_back(
        evidence("negative_sequence_percent", percent, limit, 1,
                 Sentence("negative-sequence current %.1f %% of the positive sequence, limit "
                          "%.1f %%%s (an uneven supply shows in the same way: compare the "
                          "phase voltages)",
                          percent, limit, UsualText(usual))));
    if (std::isfinite(park)) {
      candidate.evidence.push_back(
          evidence("park_2f_percent", park, limit, 2,
                   Sentence("line at 2f of the Park modulus %.1f %% of its mean", park)));
    }
    candidate.severity = SeverityOf(
        percent / kSevereNegativeSequencePercent, current, "A",
        Sentence("negative-sequence current %.1f %% of the positive, %.3g A", percent, current));
  });
}

void JudgeDistortion(const Observation& observation, const CurrentIndices& indices,
                     Findings& findings) {
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    const float thd = observation.Value(channel, indices.thd);
    if (!(thd >= kThdLimitPercent)) continue;
    Add(findings, Fault::kElectrical, Share(thd, kThdLimitPercent), [&](Candidate& candidate) {
      candidate.evidence.push_back(
          {.text = Sentence("harmonic distortion of the current %.0f %%, limit %.0f %% "
                            "(supply, converter or saturation)",
                            thd, kThdLimitPercent),
           .feature = "thd_percent",
           .channel = channel,
           .value = thd,
           .limit = kThdLimitPercent,
           .frequency_hz = observation.Value(channel, indices.line_hz),
           .order = features::kNotKnown,
           .supports = true});
      candidate.severity =
          SeverityOf(0.5f * thd / kThdLimitPercent, thd, "%", Sentence("distortion %.0f %%", thd));
    });
  }
}

void JudgeMotorBearings(const Observation& observation, const CurrentIndices& indices,
                        Findings& findings) {
  struct Defect {
    Fault fault;
    int level, excess;
    std::string_view level_name, name;
  };
  const Defect defects[] = {
      {Fault::kOuterRace, indices.outer, indices.outer_excess, "bearing_outer_db", "outer-race"},
      {Fault::kInnerRace, indices.inner, indices.inner_excess, "bearing_inner_db", "inner-race"},
      {Fault::kBall, indices.ball, indices.ball_excess, "bearing_ball_db", "ball"}};
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    const float index = observation.Value(channel, indices.bearing);
    if (!(index >= 0) || index >= static_cast<float>(observation.machine.bearings.size())) continue;
    const auto& bearing = observation.machine.bearings[static_cast<size_t>(index)];
    for (const Defect& defect : defects) {
      const float excess_db = observation.Value(channel, defect.excess);
      const float level_db = observation.Value(channel, defect.level);
      if (!std::isfinite(excess_db)) continue;
      const float strength =
          std::min(Share(excess_db, kBearingExcessLimitDb), kMostBearingStrength);
      Add(findings, defect.fault, strength, [&](Candidate& candidate) {
        candidate.evidence.push_back(
            {.text = Sentence("%s lines |f +- m fv| of %s %s in the current stand %.1f dB "
                              "above the noise, limit %.0f dB, the strongest %.1f dB below "
                              "the supply line",
                              defect.name, bearing.name, bearing.designation, excess_db,
                              kBearingExcessLimitDb, level_db),
             .feature = std::string(defect.level_name),
             .channel = channel,
             .value = level_db,
             .limit = features::kNotKnown,
             .frequency_hz = features::kNotKnown,
             .order = features::kNotKnown,
             .supports = excess_db >= kBearingExcessLimitDb});
      });
    }
  }
}

}  // namespace

CurrentIndices::CurrentIndices(const features::FeatureSet& set) {
  const auto at = [&](std::string_view name) { return features::FeatureIndex(set, name); };
  line_hz = at("line_frequency_hz");
  thd = at("thd_percent");
  unbalance = at("unbalance_percent");
  negative = at("negative_sequence_percent");
  positive = at("positive_sequence_rms");
  park_2f = at("park_2f_percent");
  variation = at("amplitude_variation_percent");
  slip = at("slip");
  shaft_rpm = at("shaft_speed_rpm");
  record_s = at("rotor_record_s");
  low = at("sideband_low_db");
  high = at("sideband_high_db");
  low_excess = at("sideband_low_excess_db");
  third = at("third_sideband_db");
  third_excess = at("third_sideband_excess_db");
  eccentricity_low = at("eccentricity_low_db");
  eccentricity_high = at("eccentricity_high_db");
  eccentricity_excess = at("eccentricity_excess_db");
  bearing = at("bearing_index");
  outer = at("bearing_outer_db");
  inner = at("bearing_inner_db");
  ball = at("bearing_ball_db");
  outer_excess = at("bearing_outer_excess_db");
  inner_excess = at("bearing_inner_excess_db");
  ball_excess = at("bearing_ball_excess_db");
}

void JudgeCurrent(const Observation& observation, Findings& findings) {
  static const CurrentIndices indices(features::NewestFeatureSet(features::Signal::kCurrent));
  bool supplied = false;
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    supplied |= std::isfinite(observation.Value(channel, indices.line_hz));
  }
  if (!supplied) {
    NoteGap(findings, "no supply line dominates the record",
            "check that the sensor measures the current of a running motor");
    return;
  }
  JudgeRotorBars(observation, indices, findings);
  JudgeEccentricity(observation, indices, findings);
  JudgeStator(observation, indices, findings);
  JudgeDistortion(observation, indices, findings);
  JudgeMotorBearings(observation, indices, findings);
}

}  // namespace auscult::models
