#include "features/order_phase.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace auscult::features {
namespace {

constexpr int kNear = 3;  // bins from the line to where it has died away, under a Hann window
constexpr int kFar = 6;
constexpr double kLeastRatio = 3;

}  // namespace

float OrderPhaseDeg(std::span<const std::complex<float>> bins, int length, double sample_rate_hz,
                    double shaft_hz, int order, double start_turns) {
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  const double position = order * shaft_hz * length / sample_rate_hz;
  // Negated, so that NaN ends here too.
  if (!(position > kFar + 1 && position + kFar + 2 < static_cast<double>(bins.size())) ||
      std::isnan(start_turns)) {
    return kNone;
  }
  const auto centre = static_cast<size_t>(std::lround(position));
  const auto hann = [bins](size_t i) {
    return 0.5f * bins[i] - 0.25f * (bins[i - 1] + bins[i + 1]);
  };
  const std::complex<float> line = hann(centre);
  double beside = 0;
  for (int i = kNear; i <= kFar; ++i)
    beside += std::norm(hann(centre - i)) + std::norm(hann(centre + i));
  beside = std::sqrt(beside / (2 * (kFar - kNear + 1)));
  if (!(std::abs(line) > kLeastRatio * beside)) return kNone;
  // A Hann window is symmetrical about the middle of the record, where the line is a part of half a
  // turn for each bin ahead of the bin's own.
  const double at_start =
      std::arg(line) / (2 * std::numbers::pi) - 0.5 * (position - static_cast<double>(centre));
  const double lag = order * start_turns - at_start;
  const auto degrees = static_cast<float>(360 * (lag - std::floor(lag)));
  return degrees < 360 ? degrees : 0;
}

}  // namespace auscult::features
