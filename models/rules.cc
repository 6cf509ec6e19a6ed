#include "models/rules.h"

#include <algorithm>
#include <cmath>

#include "features/iso20816.h"

namespace auscult::models {

void NoteGap(Findings& findings, std::string gap, std::string remedy) {
  if (!findings.gap.empty()) return;
  findings.gap = std::move(gap);
  findings.remedy = std::move(remedy);
}

void Add(Findings& findings, Candidate candidate) {
  for (Candidate& known : findings.candidates) {
    if (known.fault != candidate.fault) continue;
    if (candidate.strength > known.strength) known = std::move(candidate);
    return;
  }
  findings.candidates.push_back(std::move(candidate));
}

float Share(float value, float limit) {
  const float share = value / limit;
  return share > 0 ? std::min(share, kMaxStrength) : 0.0f;
}

float MaterialVelocity(const features::Machine& machine) {
  constexpr float kShareOfLimit = 0.75f;
  constexpr float kUsualLimitMmS = 2.8f;
  const auto limits = features::LimitsFor(machine);
  return kShareOfLimit * (limits ? limits->bc : kUsualLimitMmS);
}

}  // namespace auscult::models
