#pragma once

#include <array>

#include "features/feature_set.h"
#include "features/spectrum.h"

namespace auscult::features {

// Positions in feature set "vibration/2". A release fixes them: a new set only adds at the end.
enum class Vibration : int {
  kMean,
  kRms,
  kPeak,
  kPeakToPeak,
  kCrestFactor,
  kSkewness,
  kKurtosis,
  kShapeFactor,
  kImpulseFactor,
  kHighpassRms,
  kHighpassPeak,
  kHighpassCrestFactor,
  kHighpassKurtosis,
  kLevelDb,
  kPeakDb,
  kFirstBandDb,
  kLastBandDb = kFirstBandDb + 16,
  kFirstImpulsivenessDb,
  kLastImpulsivenessDb = kFirstImpulsivenessDb + 4,
  kVelocityRmsMmS,
  kDisplacementPpUm,
  kOrderHalf,
  kOrder1,
  kOrder5 = kOrder1 + 4,
  kLine2xMmS,
  kGearMeshMS2,
  kGearSidebandRatio,
  kBladePassMmS,
  kSpeedConfidence,
  kBearingIndex,
  kFirstExistence,  // outer, inner, ball, cage
  kFirstDepth = kFirstExistence + 4,
  kFirstFamilyOrder = kFirstDepth + 4,  // outer, inner, ball
  kBearingBandLowHz = kFirstFamilyOrder + 3,
  kBearingBandHighHz,
  kCount1,  // "vibration/1" ends here
  kKurtogramKurtosis = kCount1,
  kKurtogramBandLowHz,
  kKurtogramBandHighHz,
  kOrder1Half,  // 1.5 x .. 3.5 x
  kOrder3Half = kOrder1Half + 2,
  kAccelerationRmsMS2,
  kDisplacementRmsUm,
  kHighFrequencyRms,
  kHighFrequencyPeak,
  kBeltMmS,
  kGearIndex,
  kGearFm0,
  kGearFm4,
  kGearNa4,
  kGearResidualRms,
  kGearSidebandEnergyRatio,
  kFirstBandDepth,  // outer, inner, ball, cage
  kLastBandDepth = kFirstBandDepth + 3,
  kSpeedVariationPercent,
  kOrder1PhaseDeg,
  kOrder2PhaseDeg,
  kCount,
};

inline constexpr int kVibrationCount1 = static_cast<int>(Vibration::kCount1);
inline constexpr int kVibrationCount = static_cast<int>(Vibration::kCount);

// Edges of the band powers; the last band is open and ends at Nyquist.
inline constexpr std::array kBandEdgesHz = {20.0,   50.0,   100.0,  200.0,  315.0,  500.0,
                                            800.0,  1250.0, 2000.0, 2500.0, 3150.0, 4000.0,
                                            5000.0, 6300.0, 8000.0, 1e4,    12500.0};

inline constexpr std::array kImpulsivenessBands = {
    Band{500, 2000}, Band{2000, 4000}, Band{4000, 7000}, Band{7000, 12500}, Band{1000, 12000}};

// The definitions, by position.
std::span<const FeatureDefinition> VibrationFeatures();

}  // namespace auscult::features
