#include "features/gear_mesh.h"

#include <algorithm>
#include <cmath>

#include "features/velocity.h"

namespace auscult::features {
namespace {

constexpr double kMainLobeBins = 2.0;  // a Hann line lies within two bins of its frequency
constexpr int kMeshHarmonics = 3;
constexpr int kSidebands = 2;
constexpr double kSpeedTolerance = 0.01;
constexpr double kLargestShareOfShaft = 0.4;  // sidebands begin at one turn of the shaft

double PowerAround(const PowerSpectrum& spectrum, Quantity quantity, double line_hz) {
  const double half = kMainLobeBins * spectrum.resolution_hz;
  return AccelerationPower(spectrum, quantity, {line_hz - half, line_hz + half});
}

bool IsResolved(const PowerSpectrum& spectrum, const Gear& gear, double shaft_hz) {
  return gear.teeth > 0 &&
         gear.shaft_ratio * shaft_hz >= 2 * kMainLobeBins * spectrum.resolution_hz;
}

// Where a mesh harmonic is found; NaN where it reaches past Nyquist.
double MeshHz(const PowerSpectrum& spectrum, const Gear& gear, int harmonic, double shaft_hz) {
  const double gear_hz = gear.shaft_ratio * shaft_hz;
  const double nominal_hz = harmonic * gear.teeth * gear_hz;
  const double search_hz =
      std::max(std::min(kSpeedTolerance * nominal_hz, kLargestShareOfShaft * gear_hz),
               spectrum.resolution_hz);
  if (nominal_hz + search_hz + kMainLobeBins * spectrum.resolution_hz > spectrum.nyquist_hz()) {
    return static_cast<double>(kNotKnown);
  }
  const int bin = StrongestBin(spectrum, {nominal_hz - search_hz, nominal_hz + search_hz});
  return bin < 0 ? static_cast<double>(kNotKnown) : InterpolatedFrequency(spectrum, bin);
}

struct MeshPower {
  double mesh = 0;
  double sidebands = 0;
};

MeshPower MeshPowerOf(const PowerSpectrum& spectrum, Quantity quantity, const Gear& gear,
                      double shaft_hz) {
  const double gear_hz = gear.shaft_ratio * shaft_hz;
  MeshPower power;
  for (int harmonic = 1; harmonic <= kMeshHarmonics; ++harmonic) {
    const double mesh_hz = MeshHz(spectrum, gear, harmonic, shaft_hz);
    if (std::isnan(mesh_hz)) break;
    power.mesh += PowerAround(spectrum, quantity, mesh_hz);
    for (int side = 1; side <= kSidebands; ++side) {
      power.sidebands += PowerAround(spectrum, quantity, mesh_hz - side * gear_hz);
      power.sidebands += PowerAround(spectrum, quantity, mesh_hz + side * gear_hz);
    }
  }
  return power;
}

}  // namespace

GearLines GearLinesOf(const PowerSpectrum& spectrum, Quantity quantity, const Machine& machine,
                      double shaft_hz) {
  GearLines lines{kNotKnown, kNotKnown};
  for (const Gear& gear : machine.gears) {
    if (!IsResolved(spectrum, gear, shaft_hz)) continue;
    const MeshPower power = MeshPowerOf(spectrum, quantity, gear, shaft_hz);
    if (!(power.mesh > 0)) continue;
    // fmax takes the number where the other one is NaN.
    lines.mesh_m_s2 = std::fmax(lines.mesh_m_s2, static_cast<float>(std::sqrt(power.mesh)));
    lines.sideband_ratio = std::fmax(lines.sideband_ratio,
                                     static_cast<float>(std::sqrt(power.sidebands / power.mesh)));
  }
  return lines;
}

double GearShaftHz(const PowerSpectrum& spectrum, Quantity quantity, const Gear& gear,
                   double shaft_hz) {
  double found_hz = static_cast<double>(kNotKnown);
  if (!IsResolved(spectrum, gear, shaft_hz)) return found_hz;
  double strongest = 0;
  for (int harmonic = 1; harmonic <= kMeshHarmonics; ++harmonic) {
    const double mesh_hz = MeshHz(spectrum, gear, harmonic, shaft_hz);
    if (std::isnan(mesh_hz)) break;
    const double power = PowerAround(spectrum, quantity, mesh_hz);
    if (power <= strongest) continue;
    strongest = power;
    found_hz = mesh_hz / (harmonic * gear.teeth);
  }
  return found_hz;
}

}  // namespace auscult::features
