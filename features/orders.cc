#include "features/orders.h"

#include <algorithm>
#include <cmath>

#include "features/velocity.h"

namespace auscult::features {
namespace {

constexpr double kMainLobeBins = 2.0;  // a Hann line lies within two bins of its frequency
constexpr double kSpeedTolerance = 0.015;
constexpr double kLineFrequencyTolerance = 0.005;
constexpr int kBeltLines = 2;
constexpr double kMmPerM = 1e3;

double MainLobeHz(const PowerSpectrum& spectrum) { return kMainLobeBins * spectrum.resolution_hz; }

// Velocity RMS within +-`half_width_hz` of a line that has no other line nearer than `spacing_hz`.
float LineMmS(const PowerSpectrum& spectrum, Quantity quantity, double line_hz,
              double half_width_hz, double spacing_hz) {
  const double half = std::min(half_width_hz, spacing_hz / 2);
  // Not written as <, so that a NaN frequency fails as well.
  if (!(half >= MainLobeHz(spectrum)) || line_hz + half > spectrum.nyquist_hz()) return kNotKnown;
  const Band band{line_hz - half, line_hz + half};
  return static_cast<float>(kMmPerM * std::sqrt(VelocityPower(spectrum, quantity, band)));
}

float OrderMmS(const PowerSpectrum& spectrum, Quantity quantity, double shaft_hz, double order,
               double spacing_orders) {
  const double line_hz = order * shaft_hz;
  return LineMmS(spectrum, quantity, line_hz, kSpeedTolerance * line_hz + MainLobeHz(spectrum),
                 spacing_orders * shaft_hz);
}

}  // namespace

ShaftOrders ShaftOrdersOf(const PowerSpectrum& spectrum, Quantity quantity, double shaft_hz) {
  ShaftOrders orders{};
  for (int i = 0; i < kHalfOrderCount; ++i) {
    orders.half_mm_s[i] = OrderMmS(spectrum, quantity, shaft_hz, i + 0.5, 0.5);
  }
  for (int i = 0; i < kShaftOrderCount; ++i) {
    orders.order_mm_s[i] = OrderMmS(spectrum, quantity, shaft_hz, i + 1, 1.0);
  }
  return orders;
}

float TwiceLineFrequencyMmS(const PowerSpectrum& spectrum, Quantity quantity, double line_hz) {
  const double twice_hz = 2 * line_hz;
  return LineMmS(spectrum, quantity, twice_hz,
                 kLineFrequencyTolerance * twice_hz + MainLobeHz(spectrum), line_hz);
}

float BladePassMmS(const PowerSpectrum& spectrum, Quantity quantity, int blades, double shaft_hz) {
  if (blades <= 0) return kNotKnown;
  return OrderMmS(spectrum, quantity, shaft_hz, blades, 1.0);
}

float BeltMmS(const PowerSpectrum& spectrum, Quantity quantity, float belt_order, double shaft_hz) {
  if (!(belt_order > 0)) return kNotKnown;
  double sum = 0;
  for (int i = 1; i <= kBeltLines; ++i) {
    const double order = i * static_cast<double>(belt_order);
    const double shaft_order = std::max(1.0, std::round(order));
    const double spacing = std::min(static_cast<double>(belt_order), std::abs(order - shaft_order));
    const float line_mm_s = OrderMmS(spectrum, quantity, shaft_hz, order, spacing);
    if (i == 1 && std::isnan(line_mm_s)) return kNotKnown;
    if (std::isfinite(line_mm_s)) sum += static_cast<double>(line_mm_s) * line_mm_s;
  }
  return static_cast<float>(std::sqrt(sum));
}

}  // namespace auscult::features
