#pragma once

#include <vector>

#include "features/iso20816.h"
#include "models/baseline.h"
#include "models/diagnosis.h"

namespace auscult::models {

// What can be said of one record by itself.
struct Score {
  std::vector<float> deviations;  // by Baseline; empty while learning
  float peak_rise_db =
      0;  // rise of the peak level on the worst channel over the baseline; NaN while learning
  features::Zone zone = features::Zone::kUnknown;  // worst channel
  Diagnosis diagnosis;
  bool scorable = false;  // false: unscorable or stopped, moves nothing
  bool outside_learnt =
      false;  // speed or load outside what the baseline has seen: no verdict from it
};

// ISO 20816-3 zone of the channel with the highest velocity; kUnknown without limits or velocity.
features::Zone WorstZone(const features::FeatureVector& features, const features::Machine& machine);

// Pure. `baseline` may be null: zones and physics still speak.
Score ScoreRecord(const features::FeatureVector& features, const features::Machine& machine,
                  const Baseline* baseline);

}  // namespace auscult::models
