#include "cli/machine_options.h"

#include <CLI/CLI.hpp>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/cell.h"
#include "cli/command.h"
#include "cli/nearest_name.h"
#include "features/bearing_catalogue.h"

namespace auscult::cli {
namespace {

constexpr float kLargestOrder = 1000;

absl::StatusOr<features::MountedBearing> CatalogueBearing(const std::string& name) {
  if (const features::CatalogueBearing* bearing = features::FindBearing(name)) {
    return features::MountedBearing{"bearing", std::string(bearing->designation),
                                    features::OrdersOf(bearing->geometry)};
  }
  std::vector<std::string> known;
  for (const features::CatalogueBearing& bearing : features::BearingCatalogue()) {
    known.emplace_back(bearing.designation);
    known.emplace_back(bearing.id);
  }
  const std::string nearest = NearestName(name, known);
  return WrongUse(
      absl::StrCat("--bearing: \"", name, "\" is not in the catalogue",
                   nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?"),
                   " \"auscult bearings\" lists it; --bearing-orders bpfo=..,bpfi=..,bsf=..,ftf=.. "
                   "describes any "
                   "other"));
}

absl::StatusOr<features::MountedBearing> DescribedBearing(const std::string& text) {
  features::BearingOrders orders{};
  struct Part {
    const char* name;
    float* value;
  };
  const std::array<Part, 4> parts = {Part{"bpfo", &orders.bpfo}, Part{"bpfi", &orders.bpfi},
                                     Part{"bsf", &orders.bsf}, Part{"ftf", &orders.ftf}};
  const std::vector<std::string> items = absl::StrSplit(text, ',');
  for (const std::string& item : items) {
    const std::vector<std::string> pair = absl::StrSplit(item, absl::MaxSplits('=', 1));
    const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(pair[0]));
    const auto part =
        std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return name == p.name; });
    const double value = pair.size() == 2 ? ParseNumber(pair[1]).value_or(0) : 0;
    if (part == parts.end() || !(value > 0 && value < kLargestOrder)) {
      return WrongUse(absl::StrCat("--bearing-orders: \"", item,
                                   "\" is not understood; give multiples of the shaft speed as in "
                                   "bpfo=3.05,bpfi=4.95,bsf=1.99,ftf=0.38"));
    }
    *part->value = static_cast<float>(value);
  }
  for (const Part& part : parts) {
    if (*part.value == 0) {
      return WrongUse(absl::StrCat("--bearing-orders: ", part.name,
                                   " is missing; all of bpfo, bpfi, bsf and ftf are needed"));
    }
  }
  return features::MountedBearing{"bearing", "", orders};
}

}  // namespace

void AddMachineOptions(CLI::App& command, MachineOptions& options) {
  const std::string group = "Machine";
  command
      .add_option("--bearing", options.bearings,
                  "Bearing by its name in the catalogue (see \"auscult bearings\"); may be given "
                  "several times")
      ->group(group)
      ->type_name("NAME");
  command
      .add_option("--bearing-orders", options.bearing_orders,
                  "Bearing by its defect frequencies as multiples of shaft speed: "
                  "bpfo=..,bpfi=..,bsf=..,ftf=..")
      ->group(group)
      ->type_name("ORDERS");
  command
      .add_option("--power-kw", options.power_kw,
                  "Rated power; with the foundation it gives the ISO 20816-3 zone")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command.add_option("--foundation", options.foundation, "rigid or flexible")
      ->check(CLI::IsMember({"rigid", "flexible"}))
      ->group(group);
  command.add_option("--rated-speed-rpm", options.rated_speed_rpm, "Speed on the nameplate")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command.add_option("--line-hz", options.line_hz, "Frequency of the supply")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command.add_option("--pole-pairs", options.pole_pairs, "Pole pairs of the electric motor")
      ->check(CLI::Range(1, 100))
      ->group(group);
  command
      .add_option("--gear-teeth", options.gear_teeth,
                  "Teeth of a gear on the shaft; may be given several times")
      ->check(CLI::Range(3, 10000))
      ->group(group);
  command.add_option("--blades", options.blades, "Blades of the impeller")
      ->check(CLI::Range(1, 1000))
      ->group(group);
  command
      .add_option("--belt-order", options.belt_order,
                  "Turns of the belt for one of the shaft: pi x pulley diameter / belt length")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command
      .add_option("--tachometer-pulses", options.tachometer_pulses,
                  "Pulses in a turn of the shaft, of a channel in unit pulse")
      ->check(CLI::Range(1, 10000))
      ->group(group);
}

absl::StatusOr<features::Machine> MachineOf(const MachineOptions& options) {
  features::Machine machine;
  if (options.power_kw) machine.rated_power_kw = *options.power_kw;
  if (options.rated_speed_rpm) machine.rated_speed_rpm = *options.rated_speed_rpm;
  if (options.line_hz) machine.line_frequency_hz = *options.line_hz;
  machine.pole_pairs = options.pole_pairs;
  machine.blades = options.blades;
  machine.belt_order = options.belt_order;
  machine.tachometer_pulses = options.tachometer_pulses;
  if (options.foundation == "rigid") machine.foundation = features::Foundation::kRigid;
  if (options.foundation == "flexible") machine.foundation = features::Foundation::kFlexible;
  for (const std::string& name : options.bearings) {
    absl::StatusOr<features::MountedBearing> bearing = CatalogueBearing(name);
    if (!bearing.ok()) return bearing.status();
    machine.bearings.push_back(*std::move(bearing));
  }
  for (const std::string& orders : options.bearing_orders) {
    absl::StatusOr<features::MountedBearing> bearing = DescribedBearing(orders);
    if (!bearing.ok()) return bearing.status();
    machine.bearings.push_back(*std::move(bearing));
  }
  for (const int teeth : options.gear_teeth) {
    machine.gears.push_back({absl::StrCat("gear of ", teeth, " teeth"), teeth});
  }
  return machine;
}

}  // namespace auscult::cli
