#pragma once

#include <optional>
#include <vector>

#include "features/iso20816.h"
#include "models/baseline.h"
#include "models/diagnosis.h"
#include "models/point_model.h"

namespace auscult::models {

// A limit of the user that a record reaches.
struct LimitReached {
  int value_index = 0;
  float value = 0;
  float limit = 0;
  bool alarm = false;  // false: alert
};

// What can be said of one record by itself.
struct Score {
  std::vector<float> deviations;  // by Baseline; empty while learning
  float peak_rise_db =
      0;  // rise of the peak level on the worst channel over the baseline; NaN while learning
  features::Zone zone = features::Zone::kUnknown;  // worst channel
  Diagnosis diagnosis;
  bool scorable = false;  // false: unscorable or stopped, moves nothing
  OutsideLearnt
      outside_learnt;  // speed or load beyond the baseline: no verdict from what it learnt
  std::optional<LimitReached> limit;  // the worst of the user's limits that are reached
};

// Rise of the peak level over the baseline on the channel where it rose most; NaN without one.
float PeakRiseDb(std::span<const float> deviations, const Baseline& baseline);

// ISO 20816-3 zone of the channel with the highest velocity; kUnknown without limits or velocity.
features::Zone WorstZone(const features::FeatureVector& features, const features::Machine& machine);

// Pure. Without a baseline zones, the user's limits and physics still speak.
Score ScoreRecord(const features::FeatureVector& features, const PointModel& model);

}  // namespace auscult::models
