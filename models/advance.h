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
  kStale = 7,     // no record for a while: found when reading, never stored
  kStarting = 8,  // speed or level still in transit after a standstill or a change of speed
};

std::string_view ConditionName(Condition condition);

struct Contribution {
  int value_index = 0;  // position in FeatureVector::values
  float deviation = 0;  // in scatters, median of the last records
  float rise = 0;       // the same in the feature's own unit (dB)
};

// What asks for a condition.
enum class Reason : unsigned char {
  kNothing,
  kDeparture,  // severity S; value and limit in scatters
  kAcute,      // broadband level, value and limit in dB above the baseline
  kZone,       // ISO 20816-3
  kUserLimit,  // a limit that the user set, in the feature's own unit
  kDiagnosis,  // a fault that physics insists on
};

// The worst condition that a record asks for, and what does. NaN and -1 where they do not apply.
struct Asked {
  Condition condition = Condition::kNormal;
  Reason reason = Reason::kNothing;
  int value_index = -1;  // of the user's limit
  float value = features::kNotKnown;
  float limit = features::kNotKnown;
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
  Asked asked;                              // why the condition is not, or not soon, normal
  // Speed or load beyond what was learnt: no verdict from this record on what was learnt.
  bool outside_learnt = false;
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
  // Above 0 a baseline may be learnt now: the caller reads so many of the latest records that are
  // scorable, fewer where there are not so many, and calls LearnBaseline (models/learning.h).
  int learn_from_records = 0;
};

// Takes the next record, in measured_at order. Pure. `model` is the one `score` was made with. What
// moves the condition, and the numbers: docs/models.md, Condition.
Advanced Advance(PointState state, const Score& score, const features::FeatureVector& features,
                 int64_t measured_at_us, const PointModel& model, const AlarmPolicy& policy = {});

// The state after a baseline was accepted (true) or refused (false: asked again kRetryRecords good
// records later).
inline constexpr int kRetryRecords = 5;
PointState BaselineLearnt(PointState state, bool accepted);

// The index, 0..100, of a severity S and a rise of the peak level, at most
// what the zone allows; what is not known (NaN) counts as healthy. NaN where nothing is known.
float HealthIndex(float severity, float peak_rise_db, features::Zone zone);

// What is said of a late record: its own zone, verdict and deviations, no memory.
Health HealthOfLateRecord(const Score& score, const features::FeatureVector& features,
                          const PointModel& model);

}  // namespace auscult::models
