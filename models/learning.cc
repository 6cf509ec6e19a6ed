#include "models/learning.h"

#include <algorithm>

namespace auscult::models {

absl::StatusOr<Baseline> LearnBaseline(const LearningWindow& window, const Baseline* /*current*/,
                                       const AlarmPolicy& policy, PointState& state) {
  absl::StatusOr<Baseline> fitted = Baseline::Fit(window.records, policy.learning);
  state = BaselineLearnt(std::move(state), fitted.ok());
  return fitted;
}

int MostLearntFrom(const AlarmPolicy& policy) {
  return policy.learning.skip_records + policy.learning.window_records;
}

float LearningProgress(const PointState& state, bool has_baseline, const AlarmPolicy& policy) {
  if (has_baseline) return 1;
  // What was refused is not complete, however many records there were.
  const int needed = MostLearntFrom(policy);
  return static_cast<float>(std::min(state.records_learnt, needed - 1)) /
         static_cast<float>(needed);
}

}  // namespace auscult::models
