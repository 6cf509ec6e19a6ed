#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "models/point_model.h"
#include "models/point_state.h"

namespace auscult::models {

// Records of one point to learn from, oldest first: scorable ones of one signal and channel count.
struct LearningWindow {
  std::vector<features::FeatureVector> records;
  std::vector<int64_t> measured_at_us;  // of each
};

// Why a baseline is to be learnt. `current` is the one in use, null while there is none.
enum class LearningPurpose : unsigned char {
  kNone,
  kFirst,
  kRunIn,   // the machine became quieter for a whole window: what it is now is its healthy state
  kRefine,  // healthy for a wider window
};
LearningPurpose PurposeOf(const PointState& state, const Baseline* current,
                          const BaselineOptions& options);

// Notes whether the machine runs in: its broadband level below the baseline, and above it in no
// channel. `deviations` are medians by `baseline`.
void ObserveRunIn(std::span<const float> deviations, const Baseline& baseline, PointState& state);

// Lets the wider window (LearningPurpose::kRefine) begin after the present record: what is seen in
// an alert is not learnt when the alert has passed.
void PutOffRefinement(const BaselineOptions& options, PointState& state);

// How many of the latest records that are scorable LearnBaseline needs; and the most it ever does.
int RecordsToLearnFrom(const PointState& state, const Baseline* current,
                       const BaselineOptions& options);
int MostLearntFrom(const BaselineOptions& options);

// Fits what Advance asked for to the steady ones of the latest records, and takes the outcome into
// `state`. A refusal says why the window is not accepted; it is asked again some records later.
absl::StatusOr<Baseline> LearnBaseline(const LearningWindow& window, const Baseline* current,
                                       const AlarmPolicy& policy, PointState& state);

// The state after a first baseline was accepted (true), so that scoring begins anew, or refused
// (false: asked again kRetryRecords steady records later).
inline constexpr int kRetryRecords = 5;
PointState BaselineLearnt(PointState state, bool accepted);

// Steady records that the first baseline needs.
int RecordsNeeded(const BaselineOptions& options);

// How far learning has come, 0..1; below 1 as long as there is no baseline.
float LearningProgress(const PointState& state, bool has_baseline, const AlarmPolicy& policy);

}  // namespace auscult::models
