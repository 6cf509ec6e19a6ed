#include "models/rules.h"

#include <algorithm>
#include <cmath>

#include "features/iso20816.h"
#include "models/sentence.h"

namespace auscult::models {

void NoteGap(Findings& findings, std::string gap, std::string remedy) {
  if (!findings.gap.empty()) return;
  findings.gap = std::move(gap);
  findings.remedy = std::move(remedy);
}

Candidate* PlaceFor(Findings& findings, Fault fault, float strength) {
  for (Candidate& known : findings.candidates) {
    if (known.fault == fault) return strength > known.strength ? &known : nullptr;
  }
  return &findings.candidates.emplace_back();
}

float Observation::LimitBy(const UsualLevels::Level& usual, float general, float least) {
  const float reached = usual.Reached();
  return std::isnan(reached) ? general : std::max(reached, least);
}

std::string UsualText(float usual) {
  return std::isnan(usual) ? std::string() : Sentence(", this machine's usual %.2g", usual);
}

Severity SeverityOf(float value, float measure, std::string_view unit, std::string basis) {
  if (!std::isfinite(value)) return {};
  value = std::clamp(value, 0.0f, 1.0f);
  const char* const grade = value < 1 / 3.0f ? "slight" : value < 2 / 3.0f ? "marked" : "severe";
  return {value, grade, std::move(basis), measure, std::string(unit)};
}

Severity SeverityOfVelocity(float velocity_mm_s, const features::Machine& machine) {
  const features::ZoneLimits limits =
      features::LimitsFor(machine).value_or(features::ZoneLimits{1.4f, 2.8f, 4.5f});
  const float value = velocity_mm_s < limits.bc
                          ? 0.5f * velocity_mm_s / limits.bc
                          : 0.5f + 0.5f * (velocity_mm_s - limits.bc) / (limits.cd - limits.bc);
  return SeverityOf(value, velocity_mm_s, "mm/s",
                    Sentence("%.2f mm/s RMS beside the zone limits B/C %.1f and C/D "
                             "%.1f mm/s of ISO 20816-3",
                             velocity_mm_s, limits.bc, limits.cd));
}

float Share(float value, float limit) {
  const float share = value / limit;
  return share > 0 ? std::min(share, kMaxStrength) : 0.0f;
}

float ShareAbove(float value, float usual, float limit) {
  return usual < limit ? Share(value - usual, limit - usual) : Share(value, limit);
}

float MaterialVelocity(const features::Machine& machine) {
  constexpr float kShareOfLimit = 0.75f;
  constexpr float kUsualLimitMmS = 2.8f;
  const auto limits = features::LimitsFor(machine);
  return kShareOfLimit * (limits ? limits->bc : kUsualLimitMmS);
}

}  // namespace auscult::models
