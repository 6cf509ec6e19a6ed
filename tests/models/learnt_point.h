#pragma once

#include <optional>

#include "models/advance.h"
#include "models/learning.h"
#include "tests/models/made_features.h"

namespace auscult::models {

inline constexpr int64_t kIntervalUs = 600'000'000;
// A point whose baseline is learnt, fed with scores rather than with features.
class LearntPoint {
 public:
  LearntPoint() {
    HealthyPoint point(21);
    baseline_ = *Baseline::Fit(point.Next(65));
    record_ = point.Next();
    state_ = BaselineLearnt(PointState(), true);
  }

  // The next record, with every deviation at `deviation` scatters.
  Health Feed(float deviation, features::Zone zone = features::Zone::kUnknown,
              Fault verdict = Fault::kHealthy, float peak_rise_db = 0) {
    return Feed(MakeScore(deviation, zone, verdict, peak_rise_db));
  }

  Health Feed(const Score& score) {
    Advanced advanced = Advance(state_, score, record_, time_us_ += kIntervalUs, model(), policy);
    changes_ += advanced.condition_changed;
    state_ = std::move(advanced.state);
    return advanced.health;
  }

  Health FeedMany(int count, float deviation, features::Zone zone = features::Zone::kUnknown,
                  Fault verdict = Fault::kHealthy) {
    Health health;
    for (int i = 0; i < count; ++i) health = Feed(deviation, zone, verdict);
    return health;
  }

  // Until the evidence suffices for an alert.
  Health FeedUntilAlert(float deviation) {
    constexpr int kMost = 300;
    Health health = Feed(deviation);
    for (int i = 0; i < kMost && RankOf(health.condition) < kAlertRank; ++i) {
      health = Feed(deviation);
    }
    EXPECT_EQ(health.condition, Condition::kAlert) << deviation;
    return health;
  }

  Score MakeScore(float deviation, features::Zone zone, Fault verdict, float peak_rise_db) const {
    Score score;
    score.deviations.assign(baseline_->learnt().size(), deviation);
    score.peak_rise_db = peak_rise_db;
    score.zone = zone;
    score.scorable = true;
    score.diagnosis.verdict = verdict;
    score.diagnosis.ranking = {{verdict, 0.8f, {}}};
    return score;
  }

  PointModel model() const { return {.machine = &machine_, .baseline = &*baseline_}; }
  const Baseline& baseline() const { return *baseline_; }
  const features::FeatureVector& record() const { return record_; }
  const PointState& state() const { return state_; }
  AlarmPolicy policy;
  int changes() const { return changes_; }

 private:
  features::Machine machine_;
  std::optional<Baseline> baseline_;
  features::FeatureVector record_;
  PointState state_;
  int changes_ = 0;
  int64_t time_us_ = 0;
};

}  // namespace auscult::models
