#pragma once

#include <span>

#include "features/machine.h"
#include "models/baseline.h"

namespace auscult::models {

class Classifier;

// Limits that a user set on one feature of a point, in the feature's own unit; NaN = none. They
// stand beside the ISO 20816 zones and what was learnt: the first such record that reaches one asks
// for that condition, with the persistence of any other reason.
struct UserLimit {
  int value_index = 0;  // position in FeatureVector::values, of the newest feature set
  float alert = features::kNotKnown;
  float alarm = features::kNotKnown;
};

// All that a record of one point is judged by. Borrows: what it points to outlives it. `machine` is
// never null; a null baseline is one that is not learnt yet, a null classifier leaves the diagnosis
// to the physics rules.
struct PointModel {
  const features::Machine* machine;
  const Baseline* baseline = nullptr;
  const Classifier* classifier = nullptr;
  std::span<const UserLimit> limits = {};
};

// How strict a point is judged, and how it learns.
struct AlarmPolicy {
  // False alarms that are accepted; with the cadence of the records this gives the evidence that an
  // alarm needs.
  double false_alarms_per_point_year = 0.1;
  // S below which a departure is no evidence against health, however unlikely it is by chance.
  float material_severity = 6;
  BaselineOptions learning;
};

}  // namespace auscult::models
