#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "models/rules.h"

namespace auscult::models {
namespace {

constexpr float kSidebandLimit = 0.6f;
// Sidebands of a mesh that is hardly there are sidebands of noise.
constexpr float kMeshShareOfRms = 0.1f;

struct Indices {
  int mesh, sidebands, rms;

  explicit Indices(const features::FeatureSet& set)
      : mesh(features::FeatureIndex(set, "gear_mesh_m_s2")),
        sidebands(features::FeatureIndex(set, "gear_sideband_ratio")),
        rms(features::FeatureIndex(set, "rms")) {}
};

}  // namespace

void JudgeGears(const Observation& observation, Findings& findings) {
  static const Indices indices(features::NewestFeatureSet(features::Signal::kVibration));
  for (int channel = 0; channel < observation.features.channel_count; ++channel) {
    const float ratio = observation.Value(channel, indices.sidebands);
    const float mesh = observation.Value(channel, indices.mesh);
    if (!std::isfinite(ratio) || !std::isfinite(mesh)) continue;
    const float audible = kMeshShareOfRms * observation.Value(channel, indices.rms);
    Candidate candidate = {
        Fault::kGear, std::min(Share(ratio, kSidebandLimit), Share(mesh, audible)), {}};
    candidate.evidence.push_back(
        {.text = absl::StrFormat("sidebands of the gear mesh at the shaft speed carry %.2f of the "
                                 "amplitude of the mesh lines, limit %.2f",
                                 ratio, kSidebandLimit),
         .feature = "gear_sideband_ratio",
         .channel = channel,
         .value = ratio,
         .limit = kSidebandLimit,
         .frequency_hz = features::kNotKnown,
         .order = features::kNotKnown,
         .supports = ratio >= kSidebandLimit});
    candidate.evidence.push_back(
        {.text = absl::StrFormat("gear mesh lines: %.3g m/s2 RMS, judged from %.3g m/s2 on", mesh,
                                 audible),
         .feature = "gear_mesh_m_s2",
         .channel = channel,
         .value = mesh,
         .limit = audible,
         .frequency_hz = features::kNotKnown,
         .order = features::kNotKnown,
         .supports = mesh >= audible});
    Add(findings, std::move(candidate));
  }
}

}  // namespace auscult::models
