#include "models/novelty_null.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "models/robust.h"

namespace auscult::models {
namespace {

// No point is as steady as a lucky window may seem.
constexpr float kScaleFloor = 0.25f;

// Lag-1 correlation, corrected for its bias in short series (Kendall 1954).
float NeighbourCorrelation(std::span<const float> values) {
  double mean = 0;
  for (const float value : values) mean += value;
  const auto count = static_cast<double>(values.size());
  mean /= count;
  double square = 0, product = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    square += (values[i] - mean) * (values[i] - mean);
    if (i > 0) product += (values[i] - mean) * (values[i - 1] - mean);
  }
  if (!(square > 0)) return 1;
  const double raw = product / square;
  return static_cast<float>(raw + (1 + 4 * raw) / count);
}

}  // namespace

double NoveltyNull::TailProbability(float severity) const {
  // (1 - u)^2 (2 + u) / 4 with u = t / sqrt(4 + t^2), arranged so that nothing cancels.
  const double t = (static_cast<double>(severity) - location) / scale;
  const double root = std::sqrt(4 + t * t);
  const double u = t / root;
  const double rest = t > 0 ? 4 / (root * (root + t)) : 1 - u;
  return rest * rest * (2 + u) / 4;
}

NoveltyNull NullOf(float location, float deviation, float correlation, double count) {
  const float r = std::clamp(correlation, 0.0f, 0.98f);
  NoveltyNull null;
  const double independent = std::max(4.0, count * (1 - r) / (1 + r));
  null.location = location;
  // Location and scale are themselves uncertain.
  null.scale = std::max(deviation, kScaleFloor) *
               static_cast<float>(std::sqrt(1 + 1 / independent) + 1 / std::sqrt(2 * independent));
  null.thinning =
      r <= 0 ? 1
             : static_cast<int>(std::clamp(std::ceil(-3 / std::log(static_cast<double>(r))), 1.0,
                                           static_cast<double>(NoveltyNull::kMaxThinning)));
  return null;
}

NoveltyNull NullOf(std::span<const float> severities) {
  assert(severities.size() >= 9);
  // As for the features: a burst inside the window widens, but does not rule.
  const float deviation =
      std::max(MedianDeviation(severities), 0.6f * StandardDeviation(severities));
  return NullOf(Median(severities), deviation, NeighbourCorrelation(severities),
                static_cast<double>(severities.size()));
}

}  // namespace auscult::models
