#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "models/score.h"

namespace auscult::models {

// Stored with every score row: never reuse a number.
enum class Condition : unsigned char {
  kLearning = 0,
  kNormal = 1,
  kWatch = 2,
  kAlert = 3,
  kAlarm = 4,
  kStopped = 5,
  kUnscorable = 6,
  kStale = 7,  // no record for a while: found when reading, never stored
};

std::string_view ConditionName(Condition condition);

struct Contribution {
  int value_index = 0;  // position in FeatureVector::values
  float deviation = 0;  // in scatters, median of the last records
  float rise = 0;       // the same in the feature's own unit (dB)
};

// What is known of a point after a record.
struct Health {
  Condition condition = Condition::kLearning;
  float index = 0;     // 0..100; NaN while nothing can be said
  float severity = 0;  // S: mean of the three largest median deviations; NaN while learning
  features::Zone zone = features::Zone::kUnknown;
  Fault verdict = Fault::kAbstain;
  float confidence = 0;
  std::vector<Contribution> contributions;  // largest first, at most five
};

// Everything of the past that scoring the next record of a point needs. A value: copied out of the
// database, advanced, written back in one transaction.
struct PointState {
  Condition condition = Condition::kLearning;
  int records_learnt = 0;  // good records since learning began
  int fit_attempts = 0;    // how often the window was refused and slid on
  // The last kMedianRecords scorable records within what the baseline has seen, oldest first:
  // deviation vectors one after the other (in steps of kDeviationStep, so that storing them loses
  // nothing) and rises of the peak level.
  std::vector<float> recent;
  std::vector<float> recent_peak_rise;
  std::vector<Fault> recent_verdicts;  // of the last kMedianRecords scorable records, oldest first
  int severe_records = 0;              // consecutive records that ask for a worse condition
  int mild_records = 0;                // consecutive records that ask for a better one
  Condition pending = Condition::kLearning;  // the mildest, or worst, of those asked for

  static constexpr int kMedianRecords = 5;
  static constexpr float kDeviationStep = 1.0f / 64;
  static constexpr float kMaxDeviation = 500.0f;

  // Compact binary form with a version byte; DATA_LOSS for what cannot be trusted.
  std::string Serialize() const;
  static absl::StatusOr<PointState> Parse(std::string_view bytes);
};

struct Advanced {
  PointState state;
  Health health;
  bool condition_changed = false;
  // A baseline may be fitted now: the caller reads the latest `baseline_window` good records, calls
  // Baseline::Fit and reports the outcome with BaselineLearnt.
  bool baseline_due = false;
};

// Takes the next record, in measured_at order. Pure. `baseline` is the one `score` was made with;
// `options` are those it was, or will be, fitted with. What moves the condition, and the numbers:
// docs/models.md, Condition.
Advanced Advance(PointState state, const Score& score, const features::FeatureVector& features,
                 const Baseline* baseline, const BaselineOptions& options = {});

// The state after a baseline was accepted (true) or refused (false: asked again kRetryRecords good
// records later).
inline constexpr int kRetryRecords = 5;
PointState BaselineLearnt(PointState state, bool accepted);

// The index, 0..100, of a severity S and a rise of the peak level, at most
// what the zone allows; what is not known (NaN) counts as healthy. NaN where nothing is known.
float HealthIndex(float severity, float peak_rise_db, features::Zone zone);

// What is said of a late record: its own zone, verdict and deviations, no memory.
Health HealthOfLateRecord(const Score& score, const features::FeatureVector& features,
                          const Baseline* baseline);

}  // namespace auscult::models
