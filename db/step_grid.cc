#include "db/step_grid.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace auscult::db {
namespace {

constexpr size_t kLooked = 1024;
constexpr size_t kFewest = 16;
constexpr double kUlp = 0x1p-23;     // of a float, relative: at most so much
constexpr double kStrayShare = 0.1;  // of a step: a sample this near to a place stands on it
// Neighbouring places may all be empty where a coarse converter was written with few decimals.
constexpr int kMostDivisions = 5;
constexpr int32_t kFarthest = 1 << 23;
constexpr size_t kSamplesPerException = 64;

// Evenly spread over the samples, ascending, each value once. Empty if one is not finite.
std::vector<double> LookAt(std::span<const float> samples) {
  std::vector<double> seen;
  const size_t count = std::min(samples.size(), kLooked);
  seen.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const float sample = samples[i * samples.size() / count];
    if (!std::isfinite(sample)) return {};
    seen.push_back(static_cast<double>(sample));
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  return seen;
}

double SmallestDifference(const std::vector<double>& ascending) {
  double smallest = std::numeric_limits<double>::infinity();
  for (size_t i = 1; i < ascending.size(); ++i) {
    smallest = std::min(smallest, ascending[i] - ascending[i - 1]);
  }
  return smallest;
}

// Line through places and values, for values by growing distance from the first. Each distance is
// measured with the step that the nearer ones gave; nothing where one stands between two places.
std::optional<StepGrid> Fit(const std::vector<double>& by_distance, double step) {
  const double origin = by_distance.front();
  double sum_k = 0, sum_x = 0, sum_kk = 0, sum_kx = 0, farthest = 0;
  for (const double value : by_distance) {
    const double distance = value - origin;
    const double k = std::round(distance / step);
    const double stray = std::abs(distance - k * step);
    if (stray > kStrayShare * step + kUlp * std::abs(value)) return std::nullopt;
    sum_k += k;
    sum_x += distance;
    sum_kk += k * k;
    sum_kx += k * distance;
    if (std::abs(k) > 1.2 * farthest) {
      farthest = std::abs(k);
      step = distance / k;
    }
  }
  const auto count = static_cast<double>(by_distance.size());
  const double spread = count * sum_kk - sum_k * sum_k;
  if (!(spread > 0)) return std::nullopt;
  StepGrid grid;
  grid.step = (count * sum_kx - sum_k * sum_x) / spread;
  grid.offset = origin + (sum_x - grid.step * sum_k) / count;
  // A grid through zero is the usual case, and then exactly so.
  const double places = grid.offset / grid.step;
  if (std::abs(places) < kFarthest && std::abs(places - std::round(places)) < 1e-3) {
    grid.offset = 0;
  }
  return grid;
}

}  // namespace

std::optional<StepGrid> FindStepGrid(std::span<const float> samples) {
  std::vector<double> seen = LookAt(samples);
  if (seen.size() < kFewest) return std::nullopt;
  const double smallest = SmallestDifference(seen);
  const double largest = std::max(std::abs(seen.front()), std::abs(seen.back()));
  // Finer than floats are at the ends: rounding would decide about the places.
  if (!(smallest > 2 * kUlp * largest)) return std::nullopt;
  const double origin = *std::min_element(
      seen.begin(), seen.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  std::sort(seen.begin(), seen.end(),
            [origin](double a, double b) { return std::abs(a - origin) < std::abs(b - origin); });
  for (int divisions = 1; divisions <= kMostDivisions; ++divisions) {
    if (std::optional<StepGrid> grid = Fit(seen, smallest / divisions)) return grid;
  }
  return std::nullopt;
}

bool PlaceOnGrid(std::span<const float> samples, const StepGrid& grid, GridSamples& out) {
  out.places.resize(samples.size());
  out.corrections.assign(samples.size(), 0);
  out.exceptions.clear();
  const double per_step = 1 / grid.step;
  bool corrected = false;
  int32_t last = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double k = std::nearbyint((static_cast<double>(samples[i]) - grid.offset) * per_step);
    const auto bits = std::bit_cast<uint32_t>(samples[i]);
    if (std::abs(k) < kFarthest) {  // also false for NaN
      const auto place = static_cast<int32_t>(k);
      const auto difference = static_cast<int32_t>(bits - std::bit_cast<uint32_t>(grid.At(place)));
      if (difference >= -128 && difference <= 127) {
        out.places[i] = last = place;
        out.corrections[i] = static_cast<int8_t>(difference);
        corrected |= difference != 0;
        continue;
      }
    }
    if (out.exceptions.size() * kSamplesPerException >= samples.size()) return false;
    out.places[i] = last;
    out.exceptions.push_back({static_cast<uint32_t>(i), bits});
  }
  if (!corrected) out.corrections.clear();
  return true;
}

bool TakeFromGrid(const GridSamples& placed, const StepGrid& grid, std::span<float> samples) {
  const bool corrected = !placed.corrections.empty();
  if (placed.places.size() != samples.size()) return false;
  if (corrected && placed.corrections.size() != samples.size()) return false;
  for (size_t i = 0; i < samples.size(); ++i) {
    auto bits = std::bit_cast<uint32_t>(grid.At(placed.places[i]));
    if (corrected) bits += static_cast<uint32_t>(int32_t{placed.corrections[i]});
    samples[i] = std::bit_cast<float>(bits);
  }
  for (const GridSamples::Exception& exception : placed.exceptions) {
    if (exception.index >= samples.size()) return false;
    samples[exception.index] = std::bit_cast<float>(exception.bits);
  }
  return true;
}

}  // namespace auscult::db
