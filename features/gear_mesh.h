#pragma once

#include "features/machine.h"
#include "features/spectrum.h"
#include "features/units.h"

namespace auscult::features {

// Lines of gear meshes. NaN wherever the record does not tell a mesh from its sidebands, the mesh
// lies above Nyquist, or the machine has no gear.
struct GearLines {
  float mesh_m_s2;       // acceleration RMS of mesh harmonics 1..3, the gear where it is largest
  float sideband_ratio;  // RMS of the sidebands at +-1, +-2 shaft orders / mesh RMS, largest gear
};

// Each mesh line is looked for where `shaft_hz` puts it give or take 1 %, but nearer than its own
// sidebands, and these are counted from where it was found.
GearLines GearLinesOf(const PowerSpectrum& spectrum, Quantity quantity, const Machine& machine,
                      double shaft_hz);

// Speed of the gear's own shaft, in Hz, as the strongest of mesh harmonics 1..3 gives it. NaN where
// GearLinesOf finds no mesh.
double GearShaftHz(const PowerSpectrum& spectrum, Quantity quantity, const Gear& gear,
                   double shaft_hz);

}  // namespace auscult::features
