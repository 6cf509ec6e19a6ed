#pragma once

#include <cstdint>

#include "models/point_model.h"
#include "models/point_state.h"
#include "models/score.h"

namespace auscult::models {

struct Advanced {
  PointState state;
  Health health;
  bool condition_changed = false;
  // Above 0 a baseline may be learnt now: the caller reads so many of the latest records that are
  // scorable, fewer where there are not so many, and calls LearnBaseline (models/learning.h).
  int learn_from_records = 0;
};

// Takes the next record, in measured_at order. Pure. `model` is the one `score` was made with. What
// moves the condition, and the numbers: docs/models.md, Condition.
Advanced Advance(PointState state, const Score& score, const features::FeatureVector& features,
                 int64_t measured_at_us, const PointModel& model, const AlarmPolicy& policy = {});

// What is said of a late record: its own zone, limits, verdict and deviations, no memory.
Health HealthOfLateRecord(const Score& score, const features::FeatureVector& features,
                          const PointModel& model);

}  // namespace auscult::models
