#pragma once

#include <string>
#include <vector>

#include "features/feature_set.h"
#include "features/machine.h"
#include "models/diagnosis.h"

// The rules behind Diagnose, one file for each kind of fault.
namespace auscult::models {

// A fault that could be judged. A strength of 1 or more calls it: the weakest of its conditions as
// a multiple of its limit, 0..2.
struct Candidate {
  Fault fault = Fault::kAbstain;
  float strength = 0;
  std::vector<Evidence> evidence;
  Severity severity = {};
};

inline constexpr float kMaxStrength = 2.0f;
inline constexpr size_t kUsualEvidence = 4;

// What the rules found in one record.
struct Findings {
  std::vector<Candidate> candidates;
  std::array<Fault, 3> bearing_ranking = {Fault::kInnerRace, Fault::kOuterRace, Fault::kBall};
  // Why a record in which nothing was found is no proof of health, and what to do; empty when it
  // is. The first that is found counts.
  std::string gap;
  std::string remedy;
};

void NoteGap(Findings& findings, std::string gap, std::string remedy);

// Where a candidate goes, new or in place of a weaker one; nullptr if a stronger one is known.
Candidate* PlaceFor(Findings& findings, Fault fault, float strength);

// A record with what is known of its machine.
struct Observation {
  const features::FeatureVector& features;
  const features::Machine& machine;
  const features::FeatureSet& set;
  const UsualLevels* usual = nullptr;

  float Value(int channel, int feature) const {
    if (feature < 0 || feature >= static_cast<int>(set.features.size())) {
      return features::kNotKnown;  // an older set may lack it
    }
    return features.values[static_cast<size_t>(channel) * set.features.size() + feature];
  }
  UsualLevels::Level Usual(int channel, int feature) const {
    return usual == nullptr ? UsualLevels::Level() : usual->Of(channel, feature);
  }
  // The limit of a symptom on this machine: `general` where nothing is known of it, else what it
  // hardly ever reaches by itself, but at least `least`.
  float Limit(int channel, int feature, float general, float least) const {
    return LimitBy(Usual(channel, feature), general, least);
  }
  static float LimitBy(const UsualLevels::Level& usual, float general, float least);

  float ShaftHz() const { return features.speed_rpm / 60.0f; }
};

// ", this machine's usual 1.1", empty where it is not known.
std::string UsualText(float usual);

// In a word by thirds of the scale.
Severity SeverityOf(float value, float measure, std::string_view unit, std::string basis);
// By the zones of ISO 20816-3 that the velocity of one line alone would reach: a half at B/C, 1 at
// C/D.
Severity SeverityOfVelocity(float velocity_mm_s, const features::Machine& machine);

// Takes up a fault of `strength`, the stronger one where two channels accuse of the same.
// `describe(Candidate&)` adds evidence and severity, and is asked only for what is kept: words cost
// more than the judgement.
template <typename Describe>
void Add(Findings& findings, Fault fault, float strength, const Describe& describe) {
  Candidate* const place = PlaceFor(findings, fault, strength);
  if (place == nullptr) return;
  *place = {.fault = fault, .strength = strength, .evidence = {}};
  place->evidence.reserve(kUsualEvidence);
  describe(*place);
}

// `value` over `limit` as a share of a rule, 0..kMaxStrength; 0 where unknown.
float Share(float value, float limit);
// The same of what rises above `usual`, where that is known and lies below the limit.
float ShareAbove(float value, float usual, float limit);

void JudgeBearings(const Observation& observation, Findings& findings);
void JudgeShaft(const Observation& observation, Findings& findings);
void JudgeGears(const Observation& observation, Findings& findings);
void JudgeCurrent(const Observation& observation, Findings& findings);

// Velocity RMS of a line from which a shaft fault is material: three quarters of the limit between
// zones B and C, 2.1 mm/s (of ISO 20816-3, group 2, rigid) where the machine's limits are unknown.
float MaterialVelocity(const features::Machine& machine);

}  // namespace auscult::models
