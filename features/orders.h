#pragma once

#include <array>

#include "features/machine.h"
#include "features/spectrum.h"
#include "features/units.h"

namespace auscult::features {

// Lines that a machine's kinematics place in the spectrum. NaN wherever the record does not
// separate a line from its neighbours, the line lies above Nyquist, or the machine has no such
// part.

inline constexpr int kShaftOrderCount = 5;

inline constexpr int kHalfOrderCount = 4;

struct ShaftOrders {
  std::array<float, kHalfOrderCount> half_mm_s;    // 0.5 x, 1.5 x .. 3.5 x
  std::array<float, kShaftOrderCount> order_mm_s;  // 1 x .. 5 x
};

// Velocity RMS of the shaft lines, each within 1.5 % of its frequency and two bins beyond, so that
// a speed that is a little off does not lose them, but no further than half-way to the next order.
// Whole orders need 4 turns in the record, half orders 8. `shaft_hz` may be NaN.
ShaftOrders ShaftOrdersOf(const PowerSpectrum& spectrum, Quantity quantity, double shaft_hz);

// Velocity RMS, in mm/s, of the line at twice the supply frequency, within 0.5 %. On two-pole
// motors it includes 2 x of the shaft unless the record resolves the slip.
float TwiceLineFrequencyMmS(const PowerSpectrum& spectrum, Quantity quantity, double line_hz);

// Velocity RMS, in mm/s, of the line at blades x shaft speed.
float BladePassMmS(const PowerSpectrum& spectrum, Quantity quantity, int blades, double shaft_hz);

// Velocity RMS, in mm/s, of the lines at once and twice the belt's own rate, `belt_order` turns of
// the belt for one of the shaft (0 = no belt). NaN where the line at its rate cannot be told from
// those of the shaft; where only the second cannot, it is left out.
float BeltMmS(const PowerSpectrum& spectrum, Quantity quantity, float belt_order, double shaft_hz);

// Shaft turns that a record needs so that every order above can be told apart.
inline constexpr double kTurnsForLines = 8;

}  // namespace auscult::features
