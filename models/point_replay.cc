#include "models/point_replay.h"

#include <algorithm>
#include <utility>

namespace auscult::models {

PointReplay::PointReplay(const PointModel& model, const AlarmPolicy& policy)
    : model_(model), policy_(policy) {
  if (model.baseline == nullptr) return;
  baseline_ = *model.baseline;
  state_ = BaselineLearnt(std::move(state_), true);
}

PointReplay::Step PointReplay::Next(const features::FeatureVector& features,
                                    int64_t measured_at_us) {
  model_.baseline = baseline();
  Step step;
  step.score = ScoreRecord(features, model_);
  if (step.score.scorable) Remember(features, measured_at_us);
  Advanced advanced =
      Advance(std::move(state_), step.score, features, measured_at_us, model_, policy_);
  state_ = std::move(advanced.state);
  step.health = std::move(advanced.health);
  step.condition_changed = advanced.condition_changed;
  if (advanced.learn_from_records > 0) {
    absl::StatusOr<Baseline> fitted =
        LearnBaseline(Latest(advanced.learn_from_records), baseline(), policy_, state_);
    step.learnt = fitted.ok();
    if (fitted.ok()) baseline_ = *std::move(fitted);
    // The record that completes the baseline ends the learning.
    step.condition_changed |= step.health.condition != state_.condition;
    step.health.condition = state_.condition;
  }
  return step;
}

void PointReplay::Remember(const features::FeatureVector& features, int64_t measured_at_us) {
  // Another kind of record: what was kept cannot be learnt from together with it.
  if (!recent_.empty() && (recent_.back().second.set_id != features.set_id ||
                           recent_.back().second.values.size() != features.values.size())) {
    recent_.clear();
  }
  recent_.emplace_back(measured_at_us, features);
  if (static_cast<int>(recent_.size()) > MostLearntFrom(policy_.learning)) recent_.pop_front();
}

LearningWindow PointReplay::Latest(int count) const {
  LearningWindow window;
  const size_t kept = std::min(recent_.size(), static_cast<size_t>(count));
  for (auto record = recent_.end() - static_cast<std::ptrdiff_t>(kept); record != recent_.end();
       ++record) {
    window.measured_at_us.push_back(record->first);
    window.records.push_back(record->second);
  }
  return window;
}

}  // namespace auscult::models
