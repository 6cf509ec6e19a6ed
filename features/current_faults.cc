#include "features/current_faults.h"

#include <algorithm>
#include <cmath>

namespace auscult::features {
namespace {

constexpr double kResolvedBins = 5;  // main lobe of the line, and one bin of search
constexpr double kWantedBins = 6;
constexpr double kLeastLoad = 0.35;
constexpr double kRollingSlip = 0.01;
constexpr int kBearingHarmonics = 2;
constexpr double kPlainOrders = 8;  // of the supply: what is looked at in any case
constexpr CurrentLine kNoLine = {static_cast<double>(kNotKnown), static_cast<double>(kNotKnown),
                                 kNotKnown, kNotKnown};
constexpr BearingCurrentLines kNoBearing = {
    -1, {kNotKnown, kNotKnown, kNotKnown}, {kNotKnown, kNotKnown, kNotKnown}};

// NaN loses against everything.
CurrentLine Stronger(const CurrentLine& a, const CurrentLine& b) {
  return a.below_db <= b.below_db || std::isnan(b.below_db) ? a : b;
}

CurrentLine Clearer(const CurrentLine& a, const CurrentLine& b) {
  return a.excess_db >= b.excess_db || std::isnan(b.excess_db) ? a : b;
}

struct Family {
  float below_db;
  float excess_db;
};

// The four lines of one defect at one slip of the rolling elements.
Family FamilyAt(const LineSpectrum& spectrum, double defect_hz) {
  CurrentLine strongest = kNoLine;
  float sum = 0;
  int count = 0;
  for (int m = 1; m <= kBearingHarmonics; ++m) {
    for (const int side : {-1, 1}) {
      const double hz = std::abs(spectrum.supply_hz() + side * m * defect_hz);
      const CurrentLine line = spectrum.Strongest(hz, 0);
      if (std::isnan(line.excess_db)) continue;
      strongest = Stronger(strongest, line);
      sum += line.excess_db;
      ++count;
    }
  }
  if (count < 2) return {kNotKnown, kNotKnown};  // one line is no family
  return {strongest.below_db, sum / static_cast<float>(count)};
}

Family ClearestFamily(const LineSpectrum& spectrum, double defect_hz) {
  // Also keeps the odd data of a machine from making endless steps.
  if (!(defect_hz - spectrum.supply_hz() < spectrum.highest_hz())) return {kNotKnown, kNotKnown};
  Family clearest = FamilyAt(spectrum, defect_hz);
  // The lines of the second harmonic move by one bin.
  const double step = spectrum.resolution_hz() / (kBearingHarmonics * defect_hz);
  for (int i = 1; i * step <= kRollingSlip; ++i) {
    for (const int side : {-1, 1}) {
      const Family family = FamilyAt(spectrum, defect_hz * (1 + side * i * step));
      if (family.excess_db > clearest.excess_db || std::isnan(clearest.excess_db))
        clearest = family;
    }
  }
  return clearest;
}

float LargestOf(const std::array<float, 3>& values) {
  float largest = kNotKnown;
  for (const float value : values) {
    if (!(value <= largest)) largest = std::isnan(value) ? largest : value;
  }
  return largest;
}

}  // namespace

double LeastGradedSlip(const Machine& machine, double supply_hz) {
  const double rated =
      1 - static_cast<double>(machine.rated_speed_rpm) / 60 * PolePairs(machine) / supply_hz;
  return PolePairs(machine) > 0 && rated > 0 ? kLeastLoad * rated : static_cast<double>(kNotKnown);
}

float RotorRecordSeconds(double slip, double supply_hz) {
  return static_cast<float>(kWantedBins / (2 * slip * supply_hz));
}

RotorBarLines RotorBarLinesOf(const LineSpectrum& spectrum, const RotorMotion& rotor) {
  RotorBarLines lines{kNotKnown, kNotKnown, kNotKnown, kNotKnown, kNotKnown, kNotKnown, kNotKnown};
  const double distance_hz = 2 * rotor.slip * spectrum.supply_hz();
  if (spectrum.empty() || !(distance_hz >= kResolvedBins * spectrum.resolution_hz())) return lines;
  // A speed that is 3 rpm off moves the sidebands: they are looked for nearby.
  const double half_hz = rotor.is_sure() ? 0 : kSidebandSearchShare * distance_hz;
  const auto at = [&](int order, int distances) {
    return spectrum.Strongest(order * spectrum.supply_hz() + distances * distance_hz,
                              std::abs(distances) * half_hz);
  };
  const CurrentLine low = at(1, -1);
  const CurrentLine third = Clearer(at(3, -1), at(3, -2));
  lines.low_db = low.below_db;
  lines.low_excess_db = low.excess_db;
  lines.high_db = at(1, 1).below_db;
  lines.low_2_db = at(1, -2).below_db;
  lines.high_2_db = at(1, 2).below_db;
  lines.third_db = third.below_db;
  lines.third_excess_db = third.excess_db;
  return lines;
}

EccentricityLines EccentricityLinesOf(const LineSpectrum& spectrum, const RotorMotion& rotor,
                                      const Machine& machine) {
  const double supply_hz = spectrum.supply_hz();
  const double half_hz = rotor.is_sure() ? 0 : kShaftSearchShare * rotor.shaft_hz;
  const CurrentLine low = spectrum.Strongest(std::abs(supply_hz - rotor.shaft_hz), half_hz);
  const CurrentLine high = spectrum.Strongest(supply_hz + rotor.shaft_hz, half_hz);
  EccentricityLines lines = {low.below_db, high.below_db, 0.5f * (low.excess_db + high.excess_db),
                             kNotKnown, kNotKnown};
  if (RotorBars(machine) <= 0 || !rotor.is_sure()) return lines;
  CurrentLine slot = kNoLine;
  CurrentLine dynamic = kNoLine;
  for (const int side : {-1, 1}) {
    const double offset_hz = side * supply_hz;
    slot = Stronger(slot, spectrum.Strongest(RotorBars(machine) * rotor.shaft_hz + offset_hz, 0));
    for (const int turn : {-1, 1}) {
      const double hz = (RotorBars(machine) + turn) * rotor.shaft_hz + offset_hz;
      dynamic = Stronger(dynamic, spectrum.Strongest(hz, 0));
    }
  }
  lines.slot_db = slot.below_db;
  lines.slot_dynamic_db = dynamic.below_db;
  return lines;
}

BearingCurrentLines BearingCurrentLinesOf(const LineSpectrum& spectrum, const RotorMotion& rotor,
                                          const Machine& machine) {
  BearingCurrentLines clearest = kNoBearing;
  if (spectrum.empty() || !(rotor.shaft_hz > 0)) return clearest;
  for (size_t i = 0; i < machine.bearings.size(); ++i) {
    const BearingOrders& orders = machine.bearings[i].orders;
    const std::array<float, 3> defects = {orders.bpfo, orders.bpfi, 2 * orders.bsf};
    BearingCurrentLines lines = kNoBearing;
    lines.bearing = static_cast<int>(i);
    for (size_t d = 0; d < defects.size(); ++d) {
      if (!(defects[d] > 0)) continue;
      const Family family =
          ClearestFamily(spectrum, static_cast<double>(defects[d]) * rotor.shaft_hz);
      lines.below_db[d] = family.below_db;
      lines.excess_db[d] = family.excess_db;
    }
    const float largest = LargestOf(lines.excess_db);
    if (!std::isnan(largest) && !(largest <= LargestOf(clearest.excess_db))) clearest = lines;
  }
  return clearest;
}

double HighestCurrentLineHz(const Machine& machine, double supply_hz, double shaft_hz) {
  double highest_hz = kPlainOrders * supply_hz;
  if (RotorBars(machine) > 0 && PolePairs(machine) > 0) {
    const double slots = static_cast<double>(RotorBars(machine) + 1) / PolePairs(machine);
    highest_hz = std::max(highest_hz, (slots + 4) * supply_hz);
  }
  for (const MountedBearing& bearing : machine.bearings) {
    const auto largest = static_cast<double>(std::max(bearing.orders.bpfi, 2 * bearing.orders.bsf));
    const double defect_hz = (1 + 2 * kRollingSlip) * largest * shaft_hz;
    if (defect_hz > 0) {
      highest_hz = std::max(highest_hz, supply_hz + kBearingHarmonics * defect_hz);
    }
  }
  return highest_hz;
}

}  // namespace auscult::features
