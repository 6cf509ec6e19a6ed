#include "models/learning.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/robust.h"
#include "models/score.h"
#include "models/severity.h"

namespace auscult::models {
namespace {

// Running in happens in the first records after the baseline; later a quiet time is no new health.
constexpr int kRunInRecords = 600;
constexpr float kQuieterDb = 1.5f;
constexpr float kQuieterGivenUpDb = 0.75f;
constexpr float kLouderDb = 0.5f;

constexpr int kRecordsBetweenRefinements = 60;

// The steady records: those not noted as unsteady, and not far below most of the others, as a
// machine at a standstill is whose speed nobody sends.
std::vector<features::FeatureVector> SteadyOf(const LearningWindow& window,
                                              const PointState& state) {
  std::vector<float> levels;
  for (const features::FeatureVector& record : window.records) {
    levels.push_back(MeanLevelDb(record));
  }
  const float usual_db = Quantile(levels, 0.75f);
  std::vector<features::FeatureVector> steady;
  for (size_t i = 0; i < window.records.size(); ++i) {
    const auto& unsteady = state.unsteady_us;
    if (std::find(unsteady.begin(), unsteady.end(), window.measured_at_us[i]) != unsteady.end()) {
      continue;
    }
    if (levels[i] < usual_db - kStandstillDb) continue;
    steady.push_back(window.records[i]);
  }
  return steady;
}

// The last records as deviations from a new baseline, so that nothing of the past is lost.
void Rescore(std::span<const features::FeatureVector> records, const Baseline& baseline,
             PointState& state) {
  state.recent.clear();
  state.recent_peak_rise.clear();
  const size_t count = std::min<size_t>(records.size(), kMedianRecords);
  for (const features::FeatureVector& record : records.last(count)) {
    if (baseline.Outside(record)) continue;
    const std::vector<float> deviations = baseline.Deviations(record);
    RememberDeviations(deviations, PeakRiseDb(deviations, baseline), state);
  }
}

BaselineOptions OptionsFor(LearningPurpose purpose, BaselineOptions options) {
  if (purpose == LearningPurpose::kFirst) return options;
  options.skip_records = 0;
  if (purpose == LearningPurpose::kRefine) options.window_records = options.refined_window_records;
  return options;
}

}  // namespace

LearningPurpose PurposeOf(const PointState& state, const Baseline* current,
                          const BaselineOptions& options) {
  if (current == nullptr) {
    const int needed = RecordsNeeded(options) + kRetryRecords * state.fit_attempts;
    return state.records_learnt >= needed ? LearningPurpose::kFirst : LearningPurpose::kNone;
  }
  if (RankOf(state.condition) > 0 || state.evidence_records > 0) return LearningPurpose::kNone;
  if (state.quiet_records >= options.window_records) return LearningPurpose::kRunIn;
  const int needed =
      std::max(options.refined_window_records - options.window_records, state.refine_from);
  const bool refine = current->record_count() < options.refined_window_records &&
                      state.records_scored >= needed && state.quiet_records == 0;
  return refine ? LearningPurpose::kRefine : LearningPurpose::kNone;
}

void PutOffRefinement(const BaselineOptions& options, PointState& state) {
  state.refine_from = state.records_scored + options.refined_window_records + kMedianRecords - 1;
}

void ObserveRunIn(std::span<const float> deviations, const Baseline& baseline, PointState& state) {
  if (state.records_scored > kRunInRecords) {
    state.quiet_records = 0;
    return;
  }
  float lowest_db = 0, highest_db = 0;
  for (const int level : baseline.levels()) {
    const float rise_db = deviations[level] * baseline.Scatter(level);
    lowest_db = std::fmin(lowest_db, rise_db);
    highest_db = std::fmax(highest_db, rise_db);
  }
  const float limit_db = state.quiet_records > 0 ? kQuieterGivenUpDb : kQuieterDb;
  const bool quieter = lowest_db < -limit_db && highest_db < kLouderDb;
  state.quiet_records = quieter ? state.quiet_records + 1 : 0;
}

int RecordsNeeded(const BaselineOptions& options) {
  return options.skip_records + options.window_records;
}

int MostLearntFrom(const BaselineOptions& options) {
  return std::max(RecordsNeeded(options), options.refined_window_records) + kMedianRecords - 1 +
         static_cast<int>(PointState::kUnsteadyKept);
}

int RecordsToLearnFrom(const PointState& state, const Baseline* current,
                       const BaselineOptions& options) {
  const LearningPurpose purpose = PurposeOf(state, current, options);
  if (purpose == LearningPurpose::kNone) return 0;
  const BaselineOptions wanted = OptionsFor(purpose, options);
  const auto unsteady = static_cast<int>(state.unsteady_us.size());
  if (purpose == LearningPurpose::kFirst) {
    return std::min(state.records_learnt, RecordsNeeded(wanted)) + unsteady;
  }
  return wanted.window_records + kMedianRecords - 1 + unsteady;
}

absl::StatusOr<Baseline> LearnBaseline(const LearningWindow& window, const Baseline* current,
                                       const AlarmPolicy& policy, PointState& state) {
  const LearningPurpose purpose = PurposeOf(state, current, policy.learning);
  const BaselineOptions options = OptionsFor(purpose, policy.learning);
  const std::vector<features::FeatureVector> records = SteadyOf(window, state);
  absl::StatusOr<Baseline> fitted = Baseline::Fit(records, options);
  switch (purpose) {
    case LearningPurpose::kNone:
    case LearningPurpose::kFirst:
      state = BaselineLearnt(std::move(state), fitted.ok());
      return fitted;
    case LearningPurpose::kRunIn:
      state.quiet_records = fitted.ok() ? 0 : options.window_records - kRetryRecords;
      break;
    case LearningPurpose::kRefine:
      state.refine_from = state.records_scored + kRecordsBetweenRefinements;
      break;
  }
  if (fitted.ok()) {
    state.healthy = {};
    state.evidence = {};
    state.drift = {};
    Rescore(records, *fitted, state);
  }
  return fitted;
}

PointState BaselineLearnt(PointState state, bool accepted) {
  if (!accepted) {
    ++state.fit_attempts;
    return state;
  }
  state.fit_attempts = 0;
  state.recent.clear();
  state.recent_peak_rise.clear();
  state.healthy = {};
  state.evidence = {};
  state.drift = {};
  state.evidence_records = 0;
  state.records_scored = state.refine_from = state.quiet_records = 0;
  if (state.condition == Condition::kLearning) state.condition = Condition::kNormal;
  if (state.pending == Condition::kLearning) state.pending = Condition::kNormal;
  return state;
}

float LearningProgress(const PointState& state, bool has_baseline, const AlarmPolicy& policy) {
  if (has_baseline) return 1;
  // What was refused is not complete, however many records there were.
  const int needed = RecordsNeeded(policy.learning);
  return static_cast<float>(std::min(state.records_learnt, needed - 1)) /
         static_cast<float>(needed);
}

}  // namespace auscult::models
