#pragma once

#include <array>
#include <string>
#include <vector>

#include "features/feature_set.h"
#include "features/machine.h"
#include "models/fault.h"
#include "models/usual_levels.h"

namespace auscult::models {

// One observation for or against a fault, in numbers and in words that stand alone: "inner-race
// line BPFI at 162.2 Hz (5.42 x shaft), existence 8.3, depth 0.41". Numbers that do not apply are
// NaN.
struct Evidence {
  std::string text;
  std::string feature;  // name in the feature set, so that a program can plot it
  int channel = 0;
  float value = 0;  // of that feature
  float limit = 0;  // what it was compared with
  float frequency_hz = 0;
  float order = 0;
  bool supports = true;  // false: speaks against the fault
};

// How grave a fault is, each kind on a scale of its own: bearings by how deeply their lines
// modulate the signal, shaft faults by ISO 20816-3 zones, rotor bars by the grades of ISO 20958.
// NaN and empty where there is nothing to grade.
struct Severity {
  float value = features::kNotKnown;    // 0 nothing .. 1 the worst that the scale knows
  std::string grade;                    // in a word or a few
  std::string basis;                    // what it stands on, in words with numbers
  float measure = features::kNotKnown;  // that number itself, to compare records of one machine by
  std::string unit;                     // of it, "" for a ratio
};

struct RankedFault {
  Fault fault = Fault::kHealthy;
  float probability = 0;  // 0..1; over a ranking they add up to 1
  std::vector<Evidence> evidence;
  Severity severity = {};
};

struct Diagnosis {
  Fault verdict = Fault::kAbstain;
  float confidence = 0;              // probability of the verdict
  std::vector<RankedFault> ranking;  // best first
  std::array<Fault, 3> bearing_ranking = {Fault::kInnerRace, Fault::kOuterRace,
                                          Fault::kBall};  // forced order
  Severity severity;                                      // of the verdict
  std::string reason;                                     // for abstain and unscorable
  std::string remedy;
};

// Judges one record by physics: bearing families by existence, depth and impulsiveness, shaft, gear
// and electrical rules. `usual`, may be null: what the machine shows when it is healthy; symptoms
// are then compared with that as well. Pure; a machine without bearings, speed, ... is judged by
// what is known.
Diagnosis Diagnose(const features::FeatureVector& features, const features::Machine& machine,
                   const UsualLevels* usual = nullptr);

}  // namespace auscult::models
