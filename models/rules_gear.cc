#include <algorithm>
#include <cmath>

#include "models/rules.h"
#include "models/sentence.h"

namespace auscult::models {
namespace {

constexpr float kSidebandLimit = 0.6f;
// Healthy gears were seen at 4.3, noise is at 3.
constexpr float kFm4Limit = 5.0f;
// Around a mesh that is no large part of the vibration lie lines of other stages: there sidebands
// of 0.8 were seen on healthy gears, and count only with FM4.
constexpr float kMeshShareOfRms = 0.5f;
// Sidebands of a mesh that is hardly there are sidebands of noise.
constexpr float kMeshShareOfRmsWithFm4 = 0.1f;

struct Indices {
  int mesh, sidebands, rms, gear, fm4;

  explicit Indices(const features::FeatureSet& set)
      : mesh(features::FeatureIndex(set, "gear_mesh_m_s2")),
        sidebands(features::FeatureIndex(set, "gear_sideband_ratio")),
        rms(features::FeatureIndex(set, "rms")),
        gear(features::FeatureIndex(set, "gear_index")),
        fm4(features::FeatureIndex(set, "gear_fm4")) {}
};

Evidence EvidenceOf(std::string text, const char* feature, int channel, float value, float limit) {
  return {.text = std::move(text),
          .feature = feature,
          .channel = channel,
          .value = value,
          .limit = limit,
          .frequency_hz = features::kNotKnown,
          .order = features::kNotKnown,
          .supports = value >= limit};
}

// Which gear it is, as far as the record says.
std::string NameOf(float index, const features::Machine& machine) {
  const bool known = index >= 0 && index < static_cast<float>(machine.gears.size());
  return known ? machine.gears[static_cast<size_t>(index)].name : "gear";
}

}  // namespace

void JudgeGears(const Observation& observation, Findings& findings) {
  static const Indices indices(features::NewestFeatureSet(features::Signal::kVibration));
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    const float ratio = observation.Value(channel, indices.sidebands);
    const float mesh = observation.Value(channel, indices.mesh);
    if (!std::isfinite(ratio) || !std::isfinite(mesh)) continue;
    const float fm4 = observation.Value(channel, indices.fm4);
    const float share = fm4 >= kFm4Limit ? kMeshShareOfRmsWithFm4 : kMeshShareOfRms;
    const float audible = share * observation.Value(channel, indices.rms);
    const float limit =
        observation.Limit(channel, indices.sidebands, kSidebandLimit, kSidebandLimit);
    const float usual = observation.Usual(channel, indices.sidebands).middle;
    const float strength = std::min(ShareAbove(ratio, usual, limit), Share(mesh, audible));
    Add(findings, Fault::kGear, strength, [&](Candidate& candidate) {
      candidate.evidence.push_back(
          EvidenceOf(Sentence("sidebands of the gear mesh at the shaft speed carry %.2f of the "
                              "amplitude of the mesh lines, limit %.2f%s",
                              ratio, limit, UsualText(usual)),
                     "gear_sideband_ratio", channel, ratio, limit));
      candidate.evidence.push_back(EvidenceOf(
          Sentence("gear mesh lines: %.3g m/s2 RMS, judged from %.3g m/s2 on", mesh, audible),
          "gear_mesh_m_s2", channel, mesh, audible));
      if (std::isfinite(fm4)) {
        candidate.evidence.push_back(EvidenceOf(
            Sentence("%s: FM4 of the average turn %.1f, 3 where all teeth mesh alike, limit %.1f",
                     NameOf(observation.Value(channel, indices.gear), observation.machine), fm4,
                     kFm4Limit),
            "gear_fm4", channel, fm4, kFm4Limit));
      }
      candidate.severity =
          SeverityOf(0.5f * ratio / limit, ratio, "",
                     Sentence("sidebands of %.1f times their limit", ratio / limit));
    });
  }
}

}  // namespace auscult::models
