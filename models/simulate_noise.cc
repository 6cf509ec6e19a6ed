#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "models/simulate_parts.h"

namespace auscult::models {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

// White noise behind a gentle low-pass, and the same noise through each mode.
class NoiseShape {
 public:
  NoiseShape(double sample_rate_hz, std::span<const Mode> modes) {
    for (const Mode& mode : modes) {
      if (mode.frequency_hz > 0.45 * sample_rate_hz) continue;
      const double theta = kTwoPi * mode.frequency_hz / sample_rate_hz;
      const double radius = std::exp(-mode.damping * theta);
      // A two-pole resonator has a variance of (1+r^2) / ((1-r^2)(1+r^4-2 r^2 cos 2theta)).
      const double r2 = radius * radius;
      const double variance = (1 + r2) / ((1 - r2) * (1 + r2 * r2 - 2 * r2 * std::cos(2 * theta)));
      resonators_.push_back({.a1 = 2 * radius * std::cos(theta),
                             .a2 = -r2,
                             .gain = 0.7 * mode.gain / std::sqrt(variance)});
    }
    scale_ = 1.0 / std::sqrt(ImpulseEnergy());
  }

  double Next(double white) {
    low_ += kLowPass * (white - low_);
    double sum = low_;
    for (Resonator& r : resonators_) {
      const double y = r.gain * white + r.a1 * r.y1 + r.a2 * r.y2;
      r.y2 = r.y1;
      r.y1 = y;
      sum += y;
    }
    return scale_ * sum;
  }

 private:
  struct Resonator {
    double a1, a2, gain;
    double y1 = 0, y2 = 0;
  };

  // The variance of the filtered noise is the energy of the impulse response.
  double ImpulseEnergy() {
    constexpr int kLength = 1024;
    scale_ = 1;
    double energy = 0;
    for (int n = 0; n < kLength; ++n) {
      const double y = Next(n == 0 ? 1.0 : 0.0);
      energy += y * y;
    }
    low_ = 0;
    for (Resonator& r : resonators_) r.y1 = r.y2 = 0;
    return energy;
  }

  static constexpr double kLowPass = 0.6;
  std::vector<Resonator> resonators_;
  double low_ = 0;
  double scale_ = 1;
};

}  // namespace

std::vector<float> ShapedNoise(int sample_count, double sample_rate_hz, std::span<const Mode> modes,
                               const NoiseModulation& modulation, Random& random) {
  NoiseShape shape(sample_rate_hz, modes);
  constexpr int kSettling = 256;
  for (int n = 0; n < kSettling; ++n) shape.Next(random.Normal());
  std::complex<double> shaft = std::polar(1.0, kTwoPi * random.Uniform());
  std::complex<double> pass = std::polar(1.0, kTwoPi * random.Uniform());
  const auto shaft_turn = std::polar(1.0, kTwoPi * modulation.shaft_hz / sample_rate_hz);
  const auto pass_turn = std::polar(1.0, kTwoPi * modulation.ball_pass_hz / sample_rate_hz);
  std::vector<float> noise(sample_count);
  for (float& sample : noise) {
    const double depth =
        modulation.shaft_depth * shaft.real() + modulation.ball_pass_depth * pass.real();
    sample = static_cast<float>((1.0 + depth) * shape.Next(random.Normal()));
    shaft = {shaft.real() * shaft_turn.real() - shaft.imag() * shaft_turn.imag(),
             shaft.real() * shaft_turn.imag() + shaft.imag() * shaft_turn.real()};
    pass = {pass.real() * pass_turn.real() - pass.imag() * pass_turn.imag(),
            pass.real() * pass_turn.imag() + pass.imag() * pass_turn.real()};
  }
  return noise;
}

}  // namespace auscult::models
