#pragma once

#include <span>
#include <vector>

namespace auscult::models {

// Robust statistics. Values that are not finite are left out everywhere; NaN where nothing is left.

float Median(std::span<const float> values);

// 1.4826 * median |x - median|: the standard deviation of Gaussian values, untouched by outliers.
float MedianDeviation(std::span<const float> values);

float StandardDeviation(std::span<const float> values);

// Quantile by linear interpolation, share 0..1.
float Quantile(std::span<const float> values, float share);

// Median of the values i - width + 1 .. i for every i: causal, shorter at the start.
std::vector<float> RunningMedian(std::span<const float> values, int width);

// Median of the slopes of all pairs (Theil 1950, Sen 1968); of 200 evenly chosen points where there
// are more. 0 where x does not vary.
float TheilSenSlope(std::span<const float> x, std::span<const float> y);

}  // namespace auscult::models
