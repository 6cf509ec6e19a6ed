#include "models/severity.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace auscult::models {
namespace {

constexpr float kAcuteDeviation = 8;
constexpr size_t kSeverityFeatures = 3;
constexpr size_t kContributions = 5;

// Neighbours change places in as many rounds as there are values: which ones is no guess that a
// processor could get wrong.
void SortWithoutBranches(std::array<float, kMedianRecords>& values) {
  for (size_t round = 0; round < values.size(); ++round) {
    for (size_t i = round % 2; i + 1 < values.size(); i += 2) {
      const float low = std::min(values[i], values[i + 1]);
      values[i + 1] = std::max(values[i], values[i + 1]);
      values[i] = low;
    }
  }
}

}  // namespace

float SeverityOf(std::span<const float> deviations) {
  float first = 0, second = 0, third = 0;
  size_t known = 0;
  for (const float deviation : deviations) {
    known += !std::isnan(deviation);
    if (!(deviation > third)) continue;
    third = std::min(deviation, second);
    second = std::min(std::max(deviation, second), first);
    first = std::max(deviation, first);
  }
  if (known == 0) return features::kNotKnown;
  return (first + second + third) / static_cast<float>(std::min(known, kSeverityFeatures));
}

void MedianDeviations(std::span<const float> recent, int count, std::span<float> medians) {
  assert(count <= kMedianRecords && recent.size() == medians.size() * static_cast<size_t>(count));
  const size_t width = medians.size();
  for (size_t i = 0; i < width; ++i) {
    // What is not known sorts behind what is.
    std::array<float, kMedianRecords> values;
    values.fill(std::numeric_limits<float>::infinity());
    int known = 0;
    for (int k = 0; k < count; ++k) {
      const float value = recent[static_cast<size_t>(k) * width + i];
      known += !std::isnan(value);
      values[k] = std::isnan(value) ? values[k] : value;
    }
    SortWithoutBranches(values);
    const int middle = known / 2;
    if (known == 0) {
      medians[i] = features::kNotKnown;
    } else {
      medians[i] = known % 2 == 1 ? values[middle] : 0.5f * (values[middle - 1] + values[middle]);
    }
  }
}

std::vector<Contribution> LargestOf(std::span<const float> deviations, const Baseline& baseline) {
  std::array<int, kContributions> largest{};
  size_t count = 0;
  for (size_t i = 0; i < deviations.size(); ++i) {
    if (!(deviations[i] > 0)) continue;
    if (count == kContributions && deviations[i] <= deviations[largest[count - 1]]) continue;
    size_t place = count < kContributions ? count++ : count - 1;
    for (; place > 0 && deviations[largest[place - 1]] < deviations[i]; --place) {
      largest[place] = largest[place - 1];
    }
    largest[place] = static_cast<int>(i);
  }
  std::vector<Contribution> contributions(count);
  for (size_t k = 0; k < count; ++k) {
    const int i = largest[k];
    contributions[k] = {.value_index = baseline.learnt()[i],
                        .deviation = deviations[i],
                        .rise = deviations[i] * baseline.Scatter(i)};
  }
  return contributions;
}

float AcuteRiseDb(std::span<const float> deviations, const Baseline& baseline) {
  float worst = features::kNotKnown;
  for (const int level : baseline.levels()) {
    const float rise_db = deviations[level] * baseline.Scatter(level);
    if (deviations[level] > kAcuteDeviation && rise_db > kAcuteRiseDb) {
      worst = std::fmax(worst, rise_db);
    }
  }
  return worst;
}

}  // namespace auscult::models
