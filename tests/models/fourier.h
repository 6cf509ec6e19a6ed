#pragma once

#include <cmath>
#include <complex>
#include <numbers>
#include <span>

namespace auscult::models {

// One term of the Fourier sum under a Hann window, scaled so that a line of peak amplitude a at
// frequency_hz gives |a|: the slow and certain reference.
inline std::complex<double> FourierTerm(std::span<const float> x, double sample_rate_hz,
                                        double frequency_hz) {
  const auto count = static_cast<double>(x.size());
  constexpr double kTwoPi = 2.0 * std::numbers::pi;
  std::complex<double> sum = 0;
  double weights = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const auto n = static_cast<double>(i);
    const double weight = 0.5 - 0.5 * std::cos(kTwoPi * (n + 0.5) / count);
    weights += weight;
    sum += weight * x[i] * std::polar(1.0, -kTwoPi * frequency_hz / sample_rate_hz * n);
  }
  return 2.0 * sum / weights;
}

}  // namespace auscult::models
