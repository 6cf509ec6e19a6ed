#pragma once

#include "features/feature_set.h"
#include "models/score.h"

namespace auscult::models {

enum class Operation : unsigned char {
  kSteady,
  kStarting,  // speed in transit inside the record, or level still settling after a standstill
  kStopped,
};

// Which of the records show the machine at work: only those are learnt from and may alarm. A value:
// kept in PointState.
struct OperatingState {
  int records_since_stop = kSettled;
  float last_level_db = 0;  // of the record before, while settling

  // Takes the next record that is not unscorable.
  Operation Take(const features::FeatureVector& features, const Score& score,
                 const Baseline* baseline);

  // From so many records after a standstill on nothing is a start any more.
  static constexpr int kSettled = 12;
};

// Mean of the broadband levels of the channels; NaN where there are none.
float MeanLevelDb(const features::FeatureVector& features);

// So far below its usual level a point that sends no speed is taken for standing still.
inline constexpr float kStandstillDb = 20;

}  // namespace auscult::models
