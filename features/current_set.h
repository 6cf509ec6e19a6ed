#pragma once

#include <array>

#include "features/feature_set.h"

namespace auscult::features {

// Positions in feature set "current/2". A release fixes them: a new set only adds at the end.
enum class Current : int {
  kMean,
  kRms,
  kPeak,
  kPeakToPeak,
  kCrestFactor,
  kKurtosis,
  kLineFrequencyHz,
  kThdPercent,
  kUnbalancePercent,
  kNegativeSequencePercent,
  kSidebandLowDb,
  kSidebandHighDb,
  kSlip,
  kLevelDb,
  kLineDb,
  kHarmonic3Db,
  kHarmonic5Db,
  kHarmonic7Db,
  kBelowLineDb,
  kAboveLineDb,
  kHighBandDb,
  kCount1,  // "current/1" ends here
  kPositiveSequenceRms = kCount1,
  kZeroSequencePercent,
  kPark2fPercent,
  kPark2sfPercent,
  kParkShaftPercent,
  kAmplitudeVariationPercent,
  kSlipConfidence,
  kShaftSpeedRpm,
  kRotorRecordS,
  kSidebandLowExcessDb,
  kSidebandLow2Db,
  kSidebandHigh2Db,
  kThirdSidebandDb,
  kThirdSidebandExcessDb,
  kEccentricityLowDb,
  kEccentricityHighDb,
  kEccentricityExcessDb,
  kSlotDb,
  kSlotDynamicDb,
  kBearingIndex,
  kBearingOuterDb,
  kBearingInnerDb,
  kBearingBallDb,
  kBearingOuterExcessDb,
  kBearingInnerExcessDb,
  kBearingBallExcessDb,
  kCount,
};

inline constexpr int kCurrentCount1 = static_cast<int>(Current::kCount1);
inline constexpr int kCurrentCount = static_cast<int>(Current::kCount);

// The definitions, by position.
std::span<const FeatureDefinition> CurrentFeatures();

}  // namespace auscult::features
