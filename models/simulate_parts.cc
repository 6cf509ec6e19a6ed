#include "models/simulate_parts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace auscult::models {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kUsableShare = 0.45;  // of the sampling rate, below the anti-aliasing filter
constexpr uint64_t kWanderRecords = 24;

}  // namespace

void AddLine(std::span<float> samples, double sample_rate_hz, const Line& line) {
  if (!(line.frequency_hz <= kUsableShare * sample_rate_hz) || line.amplitude == 0) return;
  // Eight rotating phasors side by side: a single one would wait for itself at every sample.
  constexpr int kLanes = 8;
  const double step = kTwoPi * line.frequency_hz / sample_rate_hz;
  std::array<double, kLanes> re;
  std::array<double, kLanes> im;
  for (int lane = 0; lane < kLanes; ++lane) {
    re[lane] = line.amplitude * std::cos(line.phase_rad + step * lane);
    im[lane] = line.amplitude * std::sin(line.phase_rad + step * lane);
  }
  const double turn_re = std::cos(step * kLanes);
  const double turn_im = std::sin(step * kLanes);
  size_t n = 0;
  for (; n + kLanes <= samples.size(); n += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      samples[n + lane] += static_cast<float>(re[lane]);
      const double next = re[lane] * turn_re - im[lane] * turn_im;
      im[lane] = re[lane] * turn_im + im[lane] * turn_re;
      re[lane] = next;
    }
  }
  for (int lane = 0; n < samples.size(); ++n, ++lane) samples[n] += static_cast<float>(re[lane]);
}

double Growth(double severity) {
  constexpr double kSteepness = 4.0;
  const double s = std::clamp(severity, 0.0, 1.0);
  return std::expm1(kSteepness * s) / std::expm1(kSteepness);
}

double Wander(uint64_t seed, uint64_t property, uint64_t record) {
  const uint64_t knot = record / kWanderRecords;
  const double share = static_cast<double>(record % kWanderRecords) / kWanderRecords;
  const double weight = 0.5 - 0.5 * std::cos(std::numbers::pi * share);
  const double from = Random(seed, property, knot).Normal();
  const double to = Random(seed, property, knot + 1).Normal();
  return std::clamp(from + (to - from) * weight, -2.0, 2.0);
}

void AddImpact(std::span<float> samples, double sample_rate_hz, double time_s, double amplitude,
               std::span<const Mode> modes) {
  const double position = std::max(0.0, time_s * sample_rate_hz);
  const auto first = static_cast<size_t>(std::ceil(position));
  if (time_s < 0 || first >= samples.size()) return;
  const double offset_s = (static_cast<double>(first) - position) / sample_rate_hz;
  for (const Mode& mode : modes) {
    if (mode.frequency_hz > kUsableShare * sample_rate_hz) continue;
    const double omega = kTwoPi * mode.frequency_hz;
    const double decay = mode.damping * omega;
    std::complex<double> phasor =
        std::polar(amplitude * mode.gain * std::exp(-decay * offset_s), omega * offset_s);
    const std::complex<double> turn =
        std::polar(std::exp(-decay / sample_rate_hz), omega / sample_rate_hz);
    // Seven time constants leave a thousandth.
    const auto length = static_cast<size_t>(7.0 / decay * sample_rate_hz) + 1;
    const size_t end = std::min(samples.size(), first + length);
    double re = phasor.real();
    double im = phasor.imag();
    for (size_t n = first; n < end; ++n) {
      samples[n] += static_cast<float>(im);
      const double next = re * turn.real() - im * turn.imag();
      im = re * turn.imag() + im * turn.real();
      re = next;
    }
  }
}

}  // namespace auscult::models
