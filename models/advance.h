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
  int records_learnt = 0;     // good records since learning began
  int fit_attempts = 0;       // how often the window was refused and slid on
  std::vector<float> recent;  // ring of the last kMedianRecords deviation vectors
  std::vector<float> recent_peak_rise;
  std::vector<Fault> recent_verdicts;
  int recent_count = 0;
  int severe_records = 0;  // consecutive records that ask for a worse condition
  int mild_records = 0;    // consecutive records that ask for a better one
  Condition pending = Condition::kLearning;

  static constexpr int kMedianRecords = 5;

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

// Takes the next record, in measured_at order. Pure. `baseline` is the one `score` was made with.
Advanced Advance(PointState state, const Score& score, const features::FeatureVector& features,
                 const Baseline* baseline);

// The state after a baseline was accepted (true) or refused (false).
PointState BaselineLearnt(PointState state, bool accepted);

// What is said of a late record: its own zone, verdict and deviations, no memory.
Health HealthOfLateRecord(const Score& score, const features::FeatureVector& features,
                          const Baseline* baseline);

}  // namespace auscult::models
