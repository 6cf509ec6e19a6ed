#include "server/machine_lines.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "server/concat.h"

namespace auscult::server {
namespace {

constexpr int kShaftOrders = 6;
constexpr int kHarmonics = 6;
constexpr double kShaftTolerance = 0.003;
constexpr double kBearingTolerance = 0.02;  // slip
constexpr double kBeltTolerance = 0.03;
constexpr double kSupplyTolerance = 0.005;
constexpr double kToleranceBins = 1.5;

std::string Named(std::string_view kind, const std::string& name) {
  return name.empty() ? std::string(kind) : Concat(kind, " ", name);
}

void SortByFrequency(std::vector<MachineLine>& lines) {
  std::stable_sort(lines.begin(), lines.end(),
                   [](const MachineLine& a, const MachineLine& b) { return a.hz < b.hz; });
}

}  // namespace

std::vector<MachineLine> LinesOf(const features::Machine& machine, float speed_rpm) {
  std::vector<MachineLine> lines;
  if (const auto hz = static_cast<double>(machine.line_frequency_hz); hz > 0) {
    lines.push_back({"line frequency", hz, std::nullopt, kSupplyTolerance});
  }
  if (const double shaft_hz = static_cast<double>(speed_rpm) / 60; shaft_hz > 0) {
    const auto add = [&](std::string name, double orders, double tolerance, bool harmonics = true) {
      if (!(orders > 0)) return;
      lines.push_back({std::move(name), orders * shaft_hz, orders, tolerance, harmonics});
    };
    for (int order = 1; order <= kShaftOrders; ++order) {
      add(Concat(order, "x"), order, kShaftTolerance, /*harmonics=*/false);
    }
    add("blade pass", machine.blades, kShaftTolerance);
    add("belt", static_cast<double>(machine.belt_order), kBeltTolerance);
    for (const features::MountedBearing& bearing : machine.bearings) {
      const features::BearingOrders& orders = bearing.orders;
      const std::string& name = bearing.name;
      add(Named("BPFO", name), static_cast<double>(orders.bpfo), kBearingTolerance);
      add(Named("BPFI", name), static_cast<double>(orders.bpfi), kBearingTolerance);
      add(Named("2xBSF", name), 2 * static_cast<double>(orders.bsf), kBearingTolerance);
      add(Named("FTF", name), static_cast<double>(orders.ftf), kBearingTolerance);
    }
    for (const features::Gear& gear : machine.gears) {
      add(Named("mesh", gear.name), gear.teeth * static_cast<double>(gear.shaft_ratio),
          kShaftTolerance);
    }
  }
  SortByFrequency(lines);
  return lines;
}

std::vector<MachineLine> ElectricalLinesOf(const features::Machine& machine, float speed_rpm) {
  std::vector<MachineLine> lines;
  const auto line_hz = static_cast<double>(machine.line_frequency_hz);
  if (!(line_hz > 0)) return lines;
  const std::string carrier = "line frequency";
  lines.push_back({carrier, line_hz, std::nullopt, kSupplyTolerance});
  const auto beside = [&](const std::string& name, double distance_hz) {
    if (!(distance_hz > 0 && distance_hz < line_hz)) return;
    lines.push_back({Concat(carrier, " - ", name), line_hz - distance_hz, std::nullopt,
                     kShaftTolerance, /*has_harmonics=*/false});
    lines.push_back({Concat(carrier, " + ", name), line_hz + distance_hz, std::nullopt,
                     kShaftTolerance, /*has_harmonics=*/false});
  };
  if (const double shaft_hz = static_cast<double>(speed_rpm) / 60; shaft_hz > 0) {
    beside("1x", shaft_hz);
    if (machine.pole_pairs > 0) beside("2sf", 2 * (line_hz - machine.pole_pairs * shaft_hz));
  }
  SortByFrequency(lines);
  return lines;
}

std::string NameOfLine(const std::vector<MachineLine>& lines, double hz, double bin_hz) {
  for (int harmonic = 1; harmonic <= kHarmonics; ++harmonic) {
    const MachineLine* nearest = nullptr;
    double distance_hz = 0;
    for (const MachineLine& line : lines) {
      if (harmonic > 1 && !line.has_harmonics) continue;
      const double off_hz = std::abs(hz - harmonic * line.hz);
      if (off_hz > std::max(kToleranceBins * bin_hz, line.tolerance * harmonic * line.hz)) continue;
      if (nearest != nullptr && off_hz >= distance_hz) continue;
      nearest = &line;
      distance_hz = off_hz;
    }
    if (nearest == nullptr) continue;
    return harmonic == 1 ? nearest->name : Concat(harmonic, " x ", nearest->name);
  }
  return "";
}

}  // namespace auscult::server
