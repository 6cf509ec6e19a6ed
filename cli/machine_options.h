#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "features/machine.h"

namespace CLI {
class App;
}

namespace auscult::cli {

// What the command line says of the machine; what is absent is not guessed.
struct MachineOptions {
  std::vector<std::string> bearings;        // names in the catalogue
  std::vector<std::string> bearing_orders;  // "bpfo=3.05,bpfi=4.95,bsf=1.99,ftf=0.38"
  std::optional<float> power_kw;
  std::string foundation;  // "rigid" or "flexible"
  std::optional<float> rated_speed_rpm;
  std::optional<float> line_hz;
  int pole_pairs = 0;
  std::vector<int> gear_teeth;
  int blades = 0;
  float belt_order = 0;
  int tachometer_pulses = 1;
};

void AddMachineOptions(CLI::App& command, MachineOptions& options);

// Wrong use names the option and says what it takes; an unknown bearing comes with the nearest one.
absl::StatusOr<features::Machine> MachineOf(const MachineOptions& options);

}  // namespace auscult::cli
