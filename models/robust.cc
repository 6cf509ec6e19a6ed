#include "models/robust.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace auscult::models {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<float> Finite(std::span<const float> values) {
  std::vector<float> finite;
  finite.reserve(values.size());
  for (const float value : values) {
    if (std::isfinite(value)) finite.push_back(value);
  }
  return finite;
}

// Reorders `values`, none of which may be NaN.
float MedianInPlace(std::vector<float>& values) {
  if (values.empty()) return kNaN;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5f * (*middle + *std::max_element(values.begin(), middle));
}

}  // namespace

float Median(std::span<const float> values) {
  std::vector<float> finite = Finite(values);
  return MedianInPlace(finite);
}

float MedianDeviation(std::span<const float> values) {
  std::vector<float> distances = Finite(values);
  const float center = MedianInPlace(distances);
  for (float& value : distances) value = std::abs(value - center);
  return 1.4826f * MedianInPlace(distances);
}

float StandardDeviation(std::span<const float> values) {
  const std::vector<float> finite = Finite(values);
  if (finite.size() < 2) return kNaN;
  double mean = 0;
  for (const float value : finite) mean += value;
  mean /= static_cast<double>(finite.size());
  double sum = 0;
  for (const float value : finite) sum += (value - mean) * (value - mean);
  return static_cast<float>(std::sqrt(sum / static_cast<double>(finite.size() - 1)));
}

float Quantile(std::span<const float> values, float share) {
  std::vector<float> finite = Finite(values);
  if (finite.empty()) return kNaN;
  std::sort(finite.begin(), finite.end());
  const float position = std::clamp(share, 0.0f, 1.0f) * static_cast<float>(finite.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, finite.size() - 1);
  return finite[below] + (position - static_cast<float>(below)) * (finite[above] - finite[below]);
}

std::vector<float> RunningMedian(std::span<const float> values, int width) {
  assert(width > 0);
  std::vector<float> medians(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t count = std::min(i + 1, static_cast<size_t>(width));
    medians[i] = Median(values.subspan(i + 1 - count, count));
  }
  return medians;
}

float TheilSenSlope(std::span<const float> x, std::span<const float> y) {
  assert(x.size() == y.size());
  constexpr size_t kMaxPoints = 200;
  const size_t step = (x.size() + kMaxPoints - 1) / kMaxPoints;
  std::vector<float> slopes;
  for (size_t i = 0; i < x.size(); i += step) {
    for (size_t j = i + step; j < x.size(); j += step) {
      const float slope = (y[j] - y[i]) / (x[j] - x[i]);
      if (std::isfinite(slope) && x[j] != x[i]) slopes.push_back(slope);
    }
  }
  return slopes.empty() ? 0.0f : MedianInPlace(slopes);
}

}  // namespace auscult::models
