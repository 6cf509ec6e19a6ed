#pragma once

#include <array>

#include "features/feature_set.h"

namespace auscult::features {

// Positions in feature set "current/1". A release fixes them: only a new set may differ.
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
  kCount,
};

inline constexpr int kCurrentCount = static_cast<int>(Current::kCount);

// The definitions, by position.
std::span<const FeatureDefinition> CurrentFeatures();

}  // namespace auscult::features
