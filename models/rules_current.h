#pragma once

#include "models/rules.h"

// The rules of JudgeCurrent, by what they judge.
namespace auscult::models {

// Positions of what the rules read.
struct CurrentIndices {
  int line_hz, thd, unbalance, negative, positive, park_2f, variation;
  int slip, shaft_rpm, record_s;
  int low, high, low_excess, third, third_excess;
  int eccentricity_low, eccentricity_high, eccentricity_excess;
  int bearing, outer, inner, ball, outer_excess, inner_excess, ball_excess;

  explicit CurrentIndices(const features::FeatureSet& set);
};

// Broken bars by ISO 20958's grades of (1-2s)f, eccentricity by f -+ fr.
void JudgeRotorBars(const Observation& observation, const CurrentIndices& indices,
                    Findings& findings);
void JudgeEccentricity(const Observation& observation, const CurrentIndices& indices,
                       Findings& findings);

}  // namespace auscult::models
