#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "models/advance.h"

namespace auscult::models {

// Records of one point to learn from, oldest first: scorable ones of one signal and channel count.
struct LearningWindow {
  std::vector<features::FeatureVector> records;
  std::vector<int64_t> measured_at_us;  // of each
};

// Fits what Advance asked for to the latest records, and takes the outcome into `state`. A refusal
// says why the window is not accepted; it is asked again some records later. `current` is the
// baseline of `state`, null while there is none: where there is one, the answer replaces it.
absl::StatusOr<Baseline> LearnBaseline(const LearningWindow& window, const Baseline* current,
                                       const AlarmPolicy& policy, PointState& state);

// The most records that LearnBaseline is ever given.
int MostLearntFrom(const AlarmPolicy& policy);

// How far learning has come, 0..1; below 1 as long as there is no baseline.
float LearningProgress(const PointState& state, bool has_baseline, const AlarmPolicy& policy);

}  // namespace auscult::models
