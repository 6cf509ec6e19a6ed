#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "models/advance.h"
#include "models/learning.h"

namespace auscult::models {

// The life of one point in memory: learns, scores and advances record by record as the server does,
// with nothing stored. For offline evaluation, comparison of models and tests. One thread at a
// time; what `model` points to outlives it.
class PointReplay {
 public:
  struct Step {
    Score score;
    Health health;
    bool condition_changed = false;
    bool learnt = false;  // this record completed a baseline
  };

  // Whether baselines are learnt from the records on the way.
  enum class Learning : unsigned char { kAsItGoes, kNothing };

  // A baseline given in `model` stands in for what would be learnt first.
  explicit PointReplay(const PointModel& model, const AlarmPolicy& policy = {},
                       Learning learning = Learning::kAsItGoes);

  // All that a replay with the same arguments needs to go on after the last record as if it had
  // never stopped. Restore answers DATA_LOSS for what cannot be trusted.
  std::string Save() const;
  absl::Status Restore(std::string_view bytes);

  // The next record, later than the one before. Of the newest feature set of its signal; one of
  // another channel count is learnt from only by itself.
  Step Next(const features::FeatureVector& features, int64_t measured_at_us);

  // Null while learning.
  const Baseline* baseline() const { return baseline_ ? &*baseline_ : nullptr; }
  const PointState& state() const { return state_; }

 private:
  void Remember(const features::FeatureVector& features, int64_t measured_at_us);
  LearningWindow Latest(int count) const;

  PointModel model_;
  AlarmPolicy policy_;
  Learning learning_;
  PointState state_;
  std::optional<Baseline> baseline_;
  std::deque<std::pair<int64_t, features::FeatureVector>> recent_;  // scorable, oldest first
};

}  // namespace auscult::models
