#include "features/orders.h"

#include <algorithm>
#include <cmath>

#include "features/velocity.h"

namespace auscult::features {
namespace {

constexpr double kMainLobeBins = 2.0;  // a Hann line lies within two bins of its frequency
constexpr double kSpeedTolerance = 0.015;
constexpr double kLineFrequencyTolerance = 0.005;
constexpr int kMeshHarmonics = 3;
constexpr int kSidebands = 2;
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

double PowerAround(const PowerSpectrum& spectrum, Quantity quantity, double line_hz) {
  const double half = MainLobeHz(spectrum);
  return AccelerationPower(spectrum, quantity, {line_hz - half, line_hz + half});
}

struct MeshPower {
  double mesh = 0;
  double sidebands = 0;
};

// The mesh line is looked for where the speed puts it give or take 1 %, but nearer than its own
// sidebands; these are then counted from the line that was found.
MeshPower MeshPowerOf(const PowerSpectrum& spectrum, Quantity quantity, const Gear& gear,
                      double shaft_hz) {
  const double gear_hz = gear.shaft_ratio * shaft_hz;
  MeshPower power;
  for (int harmonic = 1; harmonic <= kMeshHarmonics; ++harmonic) {
    const double nominal_hz = harmonic * gear.teeth * gear_hz;
    const double search_hz =
        std::max(std::min(0.01 * nominal_hz, 0.4 * gear_hz), spectrum.resolution_hz);
    if (nominal_hz + search_hz + MainLobeHz(spectrum) > spectrum.nyquist_hz()) break;
    const int bin = StrongestBin(spectrum, {nominal_hz - search_hz, nominal_hz + search_hz});
    if (bin < 0) break;
    const double mesh_hz = InterpolatedFrequency(spectrum, bin);
    power.mesh += PowerAround(spectrum, quantity, mesh_hz);
    for (int side = 1; side <= kSidebands; ++side) {
      power.sidebands += PowerAround(spectrum, quantity, mesh_hz - side * gear_hz);
      power.sidebands += PowerAround(spectrum, quantity, mesh_hz + side * gear_hz);
    }
  }
  return power;
}

}  // namespace

ShaftOrders ShaftOrdersOf(const PowerSpectrum& spectrum, Quantity quantity, double shaft_hz) {
  ShaftOrders orders{};
  orders.half_mm_s = OrderMmS(spectrum, quantity, shaft_hz, 0.5, 0.5);
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

GearLines GearLinesOf(const PowerSpectrum& spectrum, Quantity quantity, const Machine& machine,
                      double shaft_hz) {
  GearLines lines{kNotKnown, kNotKnown};
  for (const Gear& gear : machine.gears) {
    if (gear.teeth <= 0 || !(gear.shaft_ratio * shaft_hz >= 2 * MainLobeHz(spectrum))) continue;
    const MeshPower power = MeshPowerOf(spectrum, quantity, gear, shaft_hz);
    if (!(power.mesh > 0)) continue;
    // fmax takes the number where the other one is NaN.
    lines.mesh_m_s2 = std::fmax(lines.mesh_m_s2, static_cast<float>(std::sqrt(power.mesh)));
    lines.sideband_ratio = std::fmax(lines.sideband_ratio,
                                     static_cast<float>(std::sqrt(power.sidebands / power.mesh)));
  }
  return lines;
}

float BladePassMmS(const PowerSpectrum& spectrum, Quantity quantity, int blades, double shaft_hz) {
  if (blades <= 0) return kNotKnown;
  return OrderMmS(spectrum, quantity, shaft_hz, blades, 1.0);
}

}  // namespace auscult::features
