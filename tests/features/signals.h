#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "features/machine.h"
#include "features/waveform.h"

// Signals of which theory says what every feature must be.
namespace auscult::features::testing {

inline constexpr double kPi = std::numbers::pi;

inline std::vector<float> Sine(double amplitude, double frequency_hz, double rate_hz, int count,
                               double phase = 0) {
  std::vector<float> samples(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    samples[i] =
        static_cast<float>(amplitude * std::sin(2 * kPi * frequency_hz * i / rate_hz + phase));
  }
  return samples;
}

inline std::vector<float> Noise(double rms, int count, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal(0, rms);
  std::vector<float> samples(static_cast<size_t>(count));
  for (float& sample : samples) sample = static_cast<float>(normal(generator));
  return samples;
}

inline std::vector<float> Sum(std::vector<float> a, std::span<const float> b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

// Impacts that ring at `resonance_hz`, `rate_of_impacts_hz` times a second.
inline std::vector<float> Impacts(double amplitude, double rate_of_impacts_hz, double resonance_hz,
                                  double rate_hz, int count) {
  std::vector<float> samples(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    const double t = i / rate_hz;
    const double since = t - std::floor(t * rate_of_impacts_hz) / rate_of_impacts_hz;
    samples[i] = static_cast<float>(amplitude * std::exp(-2 * kPi * 0.05 * resonance_hz * since) *
                                    std::sin(2 * kPi * resonance_hz * since));
  }
  return samples;
}

// A record of one channel, or of several that lie one after the other.
inline Waveform Record(std::vector<float> samples, double rate_hz,
                       Quantity quantity = Quantity::kAcceleration, float speed_rpm = kNotKnown,
                       int channels = 1) {
  std::vector<Waveform::Channel> layout;
  for (int i = 0; i < channels; ++i) layout.push_back({std::to_string(i), quantity});
  absl::StatusOr<Waveform> waveform =
      Waveform::Create(std::move(samples), std::move(layout), rate_hz, {.speed_rpm = speed_rpm});
  return *std::move(waveform);
}

}  // namespace auscult::features::testing
