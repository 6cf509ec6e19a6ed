#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "features/iso20816.h"
#include "features/machine.h"
#include "models/condition.h"
#include "models/fault.h"

namespace auscult::models {

struct Contribution {
  int value_index = 0;  // position in FeatureVector::values
  float deviation = 0;  // in scatters, median of the last records
  float rise = 0;       // the same in the feature's own unit (dB)
};

// What asks for a condition.
enum class Reason : unsigned char {
  kNothing,
  kDeparture,  // severity S; value and limit in scatters
  kEvidence,   // S, and evidence against health as strong as the chosen rate of false alarms needs
  kAcute,      // broadband level, value and limit in dB above the baseline
  kZone,       // ISO 20816-3
  kUserLimit,  // a limit that the user set, in the feature's own unit
  kDiagnosis,  // a fault that physics insists on
};

// "departure", "evidence", "acute", "zone", "user_limit", "diagnosis"; "" for nothing.
std::string_view ReasonName(Reason reason);

// The worst condition that a record asks for, and what does. NaN and -1 where they do not apply.
struct Asked {
  Condition condition = Condition::kNormal;
  Reason reason = Reason::kNothing;
  int value_index = -1;  // of the level or of the user's limit
  float value = features::kNotKnown;
  float limit = features::kNotKnown;
};

// The condition of operation that lies beyond what the baseline has seen, and what it has seen.
struct OutsideLearnt {
  enum class Quantity : unsigned char { kNothing, kSpeedRpm, kLoadPercent };
  Quantity quantity = Quantity::kNothing;
  float value = features::kNotKnown;
  float low = features::kNotKnown;
  float high = features::kNotKnown;

  explicit operator bool() const { return quantity != Quantity::kNothing; }
};

// "speed 900 rpm, learnt 1400 to 1600 rpm"; "" for nothing.
std::string Describe(const OutsideLearnt& outside);

// How the operation of the last records (about 50) compares with that of the learning window.
struct InputDrift {
  float outside_share = 0;        // of records outside what was learnt
  float speed_shift_octaves = 0;  // mean speed above the middle of the learnt one; NaN unknown
  float load_shift_percent = 0;   // of load, in points; NaN unknown
};

// Evidence against health, in natural logarithms.
struct NoveltyEvidence {
  float log_evidence = features::kNotKnown;  // of the betting process; NaN while learning
  float log_needed = features::kNotKnown;    // from which it asks for alert or alarm
  // Calibrated on enough records that had no part in the baseline: only then do the two state a
  // rate of false alarms.
  bool calibrated = false;
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
  OutsideLearnt outside_learnt;             // this record: no verdict from what was learnt
  InputDrift drift;
  NoveltyEvidence novelty;
};

// The index, 0..100, of a severity S and a rise of the peak level, at most
// what the zone allows; what is not known (NaN) counts as healthy. NaN where nothing is known.
float HealthIndex(float severity, float peak_rise_db, features::Zone zone);

}  // namespace auscult::models
