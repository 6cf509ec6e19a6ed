#include "features/harmonic_phase.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>

namespace auscult::features {
namespace {

constexpr double kNeighbourShare = 0.45;  // of the shaft speed: the next lines stay outside
constexpr int kLeastBins = 6;             // to either side of the line
// Of the amplitude, standard deviation over mean: 0 for a clean line, 0.52 for noise, and a line
// that beats with a third of itself has 0.24.
constexpr double kMostScatter = 0.25;
constexpr double kLeastAmplitude = 0.3;  // of the mean: where a line fades its phase is lost
constexpr double kMostJump = 0.2;        // turns of the line in a sample, of 0.5 that are possible
constexpr double kTaper = 0.25;          // of the band, at either edge

}  // namespace

bool HarmonicPhase::Steady(int begin, int end) const {
  double sum = 0;
  double squares = 0;
  float least = std::abs(analytic_[begin]);
  for (int i = begin; i < end; ++i) {
    const float amplitude = std::abs(analytic_[i]);
    sum += amplitude;
    squares += amplitude * amplitude;
    least = std::min(least, amplitude);
  }
  const double mean = sum / (end - begin);
  const double variance = squares / (end - begin) - mean * mean;
  return least > kLeastAmplitude * mean && variance < kMostScatter * kMostScatter * mean * mean;
}

bool HarmonicPhase::Follow(std::span<const std::complex<float>> bins, int length,
                           double sample_rate_hz, double speed_hz, int harmonic,
                           ShaftAngle& angle) {
  assert(speed_hz > 0 && harmonic >= 1);
  angle.Clear();
  const double bin_hz = sample_rate_hz / length;
  const double line_hz = harmonic * speed_hz;
  const int centre = static_cast<int>(std::lround(line_hz / bin_hz));
  const int half =
      static_cast<int>(std::min(kReach * line_hz, kNeighbourShare * speed_hz) / bin_hz);
  if (half < kLeastBins || centre + half >= static_cast<int>(bins.size())) return false;
  const int count = static_cast<int>(std::bit_ceil(static_cast<unsigned>(4 * half)));
  bins_.assign(count, std::complex<float>());
  analytic_.resize(count);
  // Whatever becomes of this record: the next one of its length must find the memory.
  turns_.resize(count);
  angle.Reserve(count);
  for (int i = -half; i <= half; ++i) {
    const double edge = std::min(1.0, (half + 1 - std::abs(i)) / (kTaper * (half + 1)));
    const auto gain = static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * edge));
    bins_[i < 0 ? i + count : i] = gain * bins[centre + i];
  }
  plans_.For(count).Inverse(bins_, analytic_);

  // The transform takes the record for periodic, so that its ends are not its own.
  const int margin = count / (2 * half) + 2;
  if (!Steady(margin, count - margin)) return false;
  for (int i = margin; i < count - margin; ++i) {
    const std::complex<float> turned = analytic_[i] * std::conj(analytic_[i - 1]);
    const double change = std::arg(turned) / (2 * std::numbers::pi);
    if (i > margin && std::abs(change) > kMostJump) return false;
    turns_[i] = i > margin ? turns_[i - 1] + change : 0;
  }
  const double step_s = length / sample_rate_hz / count;
  const double centre_hz = centre * bin_hz;
  for (int i = margin; i < count - margin; ++i) {
    const double time_s = i * step_s;
    angle.Add({time_s, (centre_hz * time_s + turns_[i]) / harmonic, 0});
  }
  angle.SmoothSpeeds();
  return true;
}

}  // namespace auscult::features
