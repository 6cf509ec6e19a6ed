#pragma once

#include <array>
#include <span>
#include <vector>

#include "models/baseline.h"
#include "models/health.h"

namespace auscult::models {

// How far a point has left its baseline, from deviations in scatters.

// S: mean of the three largest, at least 0; NaN where none is known.
float SeverityOf(std::span<const float> deviations);

// Medians over the last records: `recent` holds `count` vectors of `medians.size()` deviations one
// after the other, at most kMedianRecords of them. As location and scatter are the same for all,
// the median of deviations is the deviation of the running median.
inline constexpr int kMedianRecords = 5;
void MedianDeviations(std::span<const float> recent, int count, std::span<float> medians);

// Those above 0, largest first, at most five.
std::vector<Contribution> LargestOf(std::span<const float> deviations, const Baseline& baseline);

// The acute path: the median level of a channel more than 6 dB and 8 scatters up. Its rise, else
// NaN.
inline constexpr float kAcuteRiseDb = 6;
float AcuteRiseDb(std::span<const float> deviations, const Baseline& baseline);

}  // namespace auscult::models
