#include <algorithm>
#include <array>
#include <cmath>

#include "models/rules.h"
#include "models/sentence.h"

namespace auscult::models {
namespace {

constexpr int kOrders = 5;
constexpr float kDominance = 2.0f;          // 1x over 2x for unbalance
constexpr float kMisalignmentShare = 0.5f;  // 2x over 1x
constexpr float kLooseShare = 0.25f;        // of a harmonic over 1x
constexpr float kLooseHarmonics = 3.0f;     // of the harmonics 2x to 5x
constexpr float kHalfShare = 0.1f;          // of 0.5x over 1x
constexpr float kMergedOrders = 0.06f;      // 2x and 2 x line frequency this close are one line

struct Indices {
  std::array<int, kOrders> order;
  int half, line_2x;

  explicit Indices(const features::FeatureSet& set) {
    for (int i = 0; i < kOrders; ++i) {
      order[i] = features::FeatureIndex(set, Sentence("order_%dx_mm_s", i + 1));
    }
    half = features::FeatureIndex(set, "order_0_5x_mm_s");
    line_2x = features::FeatureIndex(set, "line_2x_mm_s");
  }
};

// From where on a line is material on this machine, and what is usual there.
struct Limit {
  float material;
  float usual;

  float ShareOf(float velocity) const { return ShareAbove(velocity, usual, material); }
};

// The lines of one channel, velocity RMS in mm/s; an absent one counts as 0.
struct ShaftLines {
  int channel;
  float shaft_hz;
  float material;
  std::array<float, kOrders> order;
  float half;
  float line_2x;
  Limit limit_1x, limit_2x, limit_line_2x;
  const features::Machine* machine;
};

// A line that the machine has always shown accuses once it grows by a significant change: a quarter
// of the limit between zones B and C (ISO 20816-1).
Limit LimitOn(const Observation& observation, int channel, int feature, float general) {
  constexpr float kSignificantShare = 0.25f / 0.75f;  // MaterialVelocity is 0.75 of that limit
  const UsualLevels::Level usual = observation.Usual(channel, feature);
  if (std::isnan(usual.high)) return {general, features::kNotKnown};
  const float grown = usual.high + kSignificantShare * MaterialVelocity(observation.machine);
  return {std::max(general, grown), usual.middle};
}

float OrZero(float value) { return std::isfinite(value) ? value : 0.0f; }

ShaftLines ReadLines(const Observation& observation, const Indices& indices, int channel) {
  const float material = MaterialVelocity(observation.machine);
  const float half = 0.5f * material;
  ShaftLines lines = {.channel = channel,
                      .shaft_hz = observation.ShaftHz(),
                      .material = material,
                      .order = {},
                      .half = OrZero(observation.Value(channel, indices.half)),
                      .line_2x = observation.Value(channel, indices.line_2x),
                      .limit_1x = LimitOn(observation, channel, indices.order[0], material),
                      .limit_2x = LimitOn(observation, channel, indices.order[1], half),
                      .limit_line_2x = LimitOn(observation, channel, indices.line_2x, half),
                      .machine = &observation.machine};
  for (int i = 0; i < kOrders; ++i) {
    lines.order[i] = OrZero(observation.Value(channel, indices.order[i]));
  }
  return lines;
}

Evidence OfLine(const ShaftLines& lines, std::string feature, float order, float value, float limit,
                std::string text) {
  return {.text = std::move(text),
          .feature = std::move(feature),
          .channel = lines.channel,
          .value = value,
          .limit = limit,
          .frequency_hz = order * lines.shaft_hz,
          .order = order,
          .supports = value >= limit};
}

Evidence LineEvidence(const ShaftLines& lines, int order, const Limit& limit) {
  const float value = lines.order[order - 1];
  return OfLine(lines, Sentence("order_%dx_mm_s", order), static_cast<float>(order), value,
                limit.material,
                Sentence("%dx line at %.1f Hz: %.2f mm/s RMS, material from %.2f mm/s%s", order,
                         static_cast<float>(order) * lines.shaft_hz, value, limit.material,
                         UsualText(limit.usual)));
}

void JudgeUnbalance(const ShaftLines& lines, Findings& findings) {
  const float first = lines.order[0];
  const float limit = kDominance * lines.order[1];
  const float strength =
      std::min(lines.limit_1x.ShareOf(first), limit > 0 ? Share(first, limit) : kMaxStrength);
  Add(findings, Fault::kUnbalance, strength, [&](Candidate& candidate) {
    candidate.evidence.push_back(LineEvidence(lines, 1, lines.limit_1x));
    candidate.evidence.push_back(OfLine(
        lines, "order_1x_mm_s", 1, first, limit,
        Sentence("1x is %.1f times 2x (%.2f and %.2f mm/s RMS): unbalance needs %.1f",
                 first / std::max(lines.order[1], 1e-6f), first, lines.order[1], kDominance)));
    candidate.severity = SeverityOfVelocity(first, *lines.machine);
  });
}

// 2x of a two-pole motor stands so close to 2 x line frequency that a record may not part them.
bool MergesWithSupply(const ShaftLines& lines, float line_hz) {
  return std::abs(2.0f * line_hz / lines.shaft_hz - 2.0f) < kMergedOrders &&
         lines.line_2x > 0.5f * lines.order[1];
}

void JudgeMisalignment(const ShaftLines& lines, float line_hz, Findings& findings) {
  const float second = lines.order[1];
  const float beside_first = kMisalignmentShare * lines.order[0];
  float strength = std::min({lines.limit_2x.ShareOf(second), Share(second, beside_first),
                             Share(second, 1.5f * lines.order[2])});
  const bool merges = MergesWithSupply(lines, line_hz);
  if (merges) strength = std::min(strength, 0.9f);
  Add(findings, Fault::kMisalignment, strength, [&](Candidate& candidate) {
    candidate.evidence.push_back(LineEvidence(lines, 2, lines.limit_2x));
    candidate.evidence.push_back(
        OfLine(lines, "order_2x_mm_s", 2, second, beside_first,
               Sentence("2x is %.2f of 1x (%.2f and %.2f mm/s RMS): misalignment needs %.2f",
                        second / std::max(lines.order[0], 1e-6f), second, lines.order[0],
                        kMisalignmentShare)));
    candidate.severity = SeverityOfVelocity(second, *lines.machine);
    if (!merges) return;
    candidate.evidence.push_back(
        OfLine(lines, "line_2x_mm_s", 2.0f * line_hz / lines.shaft_hz, lines.line_2x, second,
               Sentence("2 x line frequency (%.1f Hz) stands beside 2x (%.1f Hz): this record does "
                        "not tell an electrical cause from misalignment",
                        2 * line_hz, 2 * lines.shaft_hz)));
    candidate.evidence.back().supports = false;
  });
}

void JudgeLooseness(const ShaftLines& lines, Findings& findings) {
  const float first = lines.order[0];
  int count = 0;
  float power = lines.half * lines.half;
  for (int i = 1; i < kOrders; ++i) {
    count += lines.order[i] >= kLooseShare * first && lines.order[i] > 0;
    power += lines.order[i] * lines.order[i];
  }
  const float together = std::sqrt(power);
  const float material = 0.5f * lines.material;
  const float half_limit = kHalfShare * first;
  const float strength =
      std::min({Share(together, material), Share(static_cast<float>(count), kLooseHarmonics),
                Share(lines.half, half_limit)});
  Add(findings, Fault::kLooseness, strength, [&](Candidate& candidate) {
    candidate.evidence.push_back(OfLine(
        lines, "order_3x_mm_s", features::kNotKnown, static_cast<float>(count), kLooseHarmonics,
        Sentence("%d of the harmonics 2x to 5x reach %.2f of 1x, together with 0.5x %.2f mm/s "
                 "RMS: looseness needs %.0f and %.2f mm/s",
                 count, kLooseShare, together, kLooseHarmonics, material)));
    candidate.evidence.back().supports =
        static_cast<float>(count) >= kLooseHarmonics && together >= material;
    candidate.evidence.push_back(
        OfLine(lines, "order_0_5x_mm_s", 0.5f, lines.half, half_limit,
               Sentence("0.5x line at %.1f Hz: %.2f mm/s RMS, looseness needs %.2f",
                        0.5f * lines.shaft_hz, lines.half, half_limit)));
    candidate.severity = SeverityOfVelocity(together, *lines.machine);
  });
}

void JudgeElectrical(const ShaftLines& lines, float line_hz, Findings& findings) {
  if (!std::isfinite(lines.line_2x)) return;
  const float material = lines.limit_line_2x.material;
  float strength = std::min(lines.limit_line_2x.ShareOf(lines.line_2x),
                            Share(lines.line_2x, 0.5f * lines.order[0]));
  if (MergesWithSupply(lines, line_hz) && lines.order[1] > 0) strength = std::min(strength, 0.9f);
  Add(findings, Fault::kElectrical, strength, [&](Candidate& candidate) {
    candidate.evidence.push_back(OfLine(
        lines, "line_2x_mm_s", 2.0f * line_hz / lines.shaft_hz, lines.line_2x, material,
        Sentence("line at twice the supply frequency (%.1f Hz): %.2f mm/s RMS, material from "
                 "%.2f mm/s; it should vanish at once when the power is cut",
                 2 * line_hz, lines.line_2x, material)));
    candidate.evidence.back().frequency_hz = 2 * line_hz;
    candidate.severity = SeverityOfVelocity(lines.line_2x, *lines.machine);
  });
}

}  // namespace

void JudgeShaft(const Observation& observation, Findings& findings) {
  static const Indices indices(features::NewestFeatureSet(features::Signal::kVibration));
  const float line_hz = observation.machine.line_frequency_hz;
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    const ShaftLines lines = ReadLines(observation, indices, channel);
    JudgeElectrical(lines, line_hz, findings);
    if (!std::isfinite(observation.Value(channel, indices.order[0]))) continue;
    JudgeUnbalance(lines, findings);
    JudgeMisalignment(lines, line_hz, findings);
    JudgeLooseness(lines, findings);
  }
}

}  // namespace auscult::models
