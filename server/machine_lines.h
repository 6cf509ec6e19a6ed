#pragma once

#include <optional>
#include <string>
#include <vector>

#include "features/machine.h"

namespace auscult::server {

// A line that a machine itself would put into a spectrum.
struct MachineLine {
  std::string name;  // "1x", "BPFO drive end", "mesh pinion", "line frequency"
  double hz = 0;
  std::optional<double> orders;  // of the shaft; absent for electrical lines
  double tolerance = 0;          // relative: how far a line may stand beside it; bearings slip
  bool has_harmonics = true;     // that are not listed themselves
};

// The lines of the machine at this speed, by rising frequency: shaft orders 1 to 6, blades,
// bearings, gears, belt, line frequency. Those of the shaft only where the speed is known (above
// 0).
std::vector<MachineLine> LinesOf(const features::Machine& machine, float speed_rpm);

// The same of a current or a voltage, whose carrier is the line frequency: what turns stands beside
// it. "line frequency - 1x" and "+ 1x" where the speed is known, "- 2sf" and "+ 2sf" (s: slip, from
// the speed: those of broken rotor bars) where the pole pairs are known too.
std::vector<MachineLine> ElectricalLinesOf(const features::Machine& machine, float speed_rpm);

// The name of the line, or of a harmonic up to the sixth ("3 x BPFO drive end"), that stands at
// `hz`; "" where none does. `lines` as LinesOf gives them. The lowest harmonic wins, then the
// nearest line.
std::string NameOfLine(const std::vector<MachineLine>& lines, double hz, double bin_hz);

}  // namespace auscult::server
