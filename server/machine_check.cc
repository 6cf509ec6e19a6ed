#include "server/machine_check.h"

#include <cmath>

#include "features/bearing_catalogue.h"
#include "server/concat.h"
#include "server/names.h"
#include "server/plant_check.h"

namespace auscult::server {
namespace {

constexpr int kMaxParts = 64;  // bearings, and gears, of one machine

// Bounds wide enough for any machine that is built; they catch a unit mistaken for another.
constexpr Range kPowerKw = {1e-3, 1e6};
constexpr Range kSpeedRpm = {0.1, 1e6};
constexpr Range kLineFrequencyHz = {1, 1000};
constexpr Range kPolePairs = {0, 100};
constexpr Range kRotorBars = {0, 1000};
constexpr Range kBlades = {0, 1000};
constexpr Range kTachometerPulses = {0, 10000};
constexpr Range kTeeth = {2, 10000};
constexpr Range kShaftRatio = {1e-4, 1e4};
constexpr Range kRollingElements = {3, 1000};
constexpr Range kDiameterMm = {0.1, 20000};
constexpr Range kContactAngleDeg = {0, 89};
constexpr Range kOrder = {1e-3, 1000};
constexpr Range kBeltOrder = {1e-3, 100};
constexpr Range kBeltLengthMm = {1, 1e6};

absl::Status CheckShaftRatio(float ratio, const std::string& field) {
  if (ratio == 0) return absl::OkStatus();
  return CheckNumber(ratio, kShaftRatio, "", field);
}

absl::Status CheckGeometry(const v1::BearingGeometry& geometry, const std::string& field) {
  const std::pair<double, const char*> diameters[] = {
      {geometry.element_diameter_mm(), ".element_diameter_mm"},
      {geometry.pitch_diameter_mm(), ".pitch_diameter_mm"}};
  if (absl::Status status = CheckNumber(geometry.rolling_elements(), kRollingElements, "",
                                        field + ".rolling_elements");
      !status.ok()) {
    return status;
  }
  for (const auto& [diameter_mm, path] : diameters) {
    if (absl::Status status = CheckNumber(diameter_mm, kDiameterMm, "mm", field + path);
        !status.ok()) {
      return status;
    }
  }
  if (geometry.element_diameter_mm() >= geometry.pitch_diameter_mm()) {
    return BadField("BAD_GEOMETRY", field + ".element_diameter_mm",
                    Concat("the rolling elements (", geometry.element_diameter_mm(),
                           " mm) are not smaller than the pitch circle (",
                           geometry.pitch_diameter_mm(), " mm)"),
                    "check that the two diameters are not exchanged");
  }
  return CheckNumber(geometry.contact_angle_deg(), kContactAngleDeg, "degrees",
                     field + ".contact_angle_deg");
}

absl::Status CheckOrders(const v1::BearingOrders& orders, const std::string& field) {
  const std::pair<double, const char*> lines[] = {{orders.bpfo(), ".bpfo"},
                                                  {orders.bpfi(), ".bpfi"},
                                                  {orders.bsf(), ".bsf"},
                                                  {orders.ftf(), ".ftf"}};
  for (const auto& [order, path] : lines) {
    if (absl::Status status = CheckNumber(order, kOrder, "orders", field + path); !status.ok()) {
      return status;
    }
  }
  if (orders.ftf() >= orders.bpfo() || orders.bpfo() >= orders.bpfi()) {
    return BadField("BAD_ORDERS", field,
                    "of a bearing with a fixed outer ring FTF is below BPFO, and BPFO below BPFI",
                    "give multiples of shaft speed, as in the maker's table; check their columns");
  }
  return absl::OkStatus();
}

absl::Status CheckBearingName(const std::string& name, std::string_view site,
                              const SiteBearings& bearings, const std::string& field) {
  const absl::StatusOr<BearingName> parsed = ParseBearingName(name, field);
  if (!parsed.ok()) return parsed.status();
  if (parsed->site.empty()) {
    if (features::FindBearing(parsed->bearing) != nullptr) return absl::OkStatus();
    return BadField("UNKNOWN_BEARING", field, Concat("the catalogue has no ", Quoted(name)),
                    "list it with ListBearings or `auscult bearings`; or give geometry or orders "
                    "here, or add a bearing of your own with CreateBearing");
  }
  if (parsed->site != site) {
    return BadField("OTHER_SITE", field, Concat(Quoted(name), " belongs to another site"),
                    "use the catalogue or a bearing of the same site");
  }
  if (bearings.contains(parsed->bearing)) return absl::OkStatus();
  return BadField("UNKNOWN_BEARING", field, Concat("there is no bearing ", Quoted(name)),
                  "create it with CreateBearing first, or list it in the plant file");
}

absl::Status CheckMounted(const v1::MountedBearing& mounted, std::string_view site,
                          const SiteBearings& bearings, const std::string& field) {
  if (absl::Status status = CheckText(mounted.position(), field + ".position"); !status.ok()) {
    return status;
  }
  const int said = (mounted.bearing().empty() ? 0 : 1) + (mounted.has_geometry() ? 1 : 0) +
                   (mounted.has_orders() ? 1 : 0);
  if (said != 1) {
    return BadField(
        "ONE_OF_BEARING", field,
        Concat(said == 0 ? "none" : "more than one", " of bearing, geometry and orders is set"),
        "set exactly one: they would contradict each other");
  }
  absl::Status status = CheckShaftRatio(mounted.shaft_ratio(), field + ".shaft_ratio");
  if (!status.ok()) return status;
  if (mounted.has_geometry()) return CheckGeometry(mounted.geometry(), field + ".geometry");
  if (mounted.has_orders()) return CheckOrders(mounted.orders(), field + ".orders");
  return CheckBearingName(mounted.bearing(), site, bearings, field + ".bearing");
}

absl::Status CheckBelt(const v1::Belt& belt, const std::string& field) {
  const bool measured = belt.pulley_diameter_mm() != 0 || belt.length_mm() != 0;
  if (measured == (belt.order() != 0)) {
    return BadField(
        "ONE_OF_BELT", field,
        Concat(measured ? "both order and dimensions are" : "nothing is", " said of the belt"),
        "set either order, or pulley_diameter_mm and length_mm");
  }
  if (!measured) return CheckNumber(belt.order(), kBeltOrder, "orders", field + ".order");
  absl::Status status =
      CheckNumber(belt.pulley_diameter_mm(), kDiameterMm, "mm", field + ".pulley_diameter_mm");
  if (status.ok()) {
    status = CheckNumber(belt.length_mm(), kBeltLengthMm, "mm", field + ".length_mm");
  }
  if (!status.ok() || belt.length_mm() > 2 * belt.pulley_diameter_mm()) return status;
  return BadField("BAD_GEOMETRY", field + ".length_mm",
                  Concat("a belt of ", belt.length_mm(), " mm does not reach round a pulley of ",
                         belt.pulley_diameter_mm(), " mm"),
                  "check that the two are not exchanged, and in mm");
}

absl::Status CheckNumbers(const v1::Machine& machine, const std::string& field) {
  struct Number {
    bool present;
    double value;
    Range range;
    const char* unit;
    const char* path;
  };
  const Number numbers[] = {
      {machine.has_rated_power_kw(), machine.rated_power_kw(), kPowerKw, "kW", ".rated_power_kw"},
      {machine.has_rated_speed_rpm(), machine.rated_speed_rpm(), kSpeedRpm, "rpm",
       ".rated_speed_rpm"},
      {machine.has_line_frequency_hz(), machine.line_frequency_hz(), kLineFrequencyHz, "Hz",
       ".line_frequency_hz"},
      {true, static_cast<double>(machine.pole_pairs()), kPolePairs, "", ".pole_pairs"},
      {true, static_cast<double>(machine.rotor_bars()), kRotorBars, "", ".rotor_bars"},
      {true, static_cast<double>(machine.blades()), kBlades, "", ".blades"},
      {true, static_cast<double>(machine.tachometer_pulses()), kTachometerPulses, "",
       ".tachometer_pulses"}};
  for (const Number& number : numbers) {
    if (!number.present) continue;
    if (absl::Status status =
            CheckNumber(number.value, number.range, number.unit, field + number.path);
        !status.ok()) {
      return status;
    }
  }
  if (v1::Foundation_IsValid(machine.foundation())) return absl::OkStatus();
  return BadField("UNKNOWN_FOUNDATION", field + ".foundation",
                  Concat("foundation is ", static_cast<int>(machine.foundation())),
                  "use FOUNDATION_RIGID or FOUNDATION_FLEXIBLE");
}

}  // namespace

absl::Status CheckMachine(const v1::Machine& machine, std::string_view site,
                          const SiteBearings& bearings, const std::string& field) {
  if (absl::Status status = CheckNumbers(machine, field); !status.ok()) return status;
  if (machine.bearings_size() > kMaxParts || machine.gears_size() > kMaxParts) {
    return BadField("TOO_MANY_PARTS", field,
                    Concat("a machine has ", machine.bearings_size(), " bearings and ",
                           machine.gears_size(), " gears"),
                    Concat("at most ", kMaxParts, " of each; divide it into several assets"));
  }
  for (int i = 0; i < machine.bearings_size(); ++i) {
    if (absl::Status status =
            CheckMounted(machine.bearings(i), site, bearings, Concat(field, ".bearings[", i, "]"));
        !status.ok()) {
      return status;
    }
  }
  if (machine.has_belt()) {
    if (absl::Status status = CheckBelt(machine.belt(), field + ".belt"); !status.ok()) {
      return status;
    }
  }
  for (int i = 0; i < machine.gears_size(); ++i) {
    const v1::Gear& gear = machine.gears(i);
    const std::string path = Concat(field, ".gears[", i, "]");
    absl::Status status = CheckText(gear.position(), path + ".position");
    if (status.ok()) status = CheckNumber(gear.teeth(), kTeeth, "", path + ".teeth");
    if (status.ok()) status = CheckShaftRatio(gear.shaft_ratio(), path + ".shaft_ratio");
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckBearing(const v1::Bearing& bearing, const std::string& field) {
  const std::pair<const std::string*, const char*> texts[] = {
      {&bearing.designation(), ".designation"},
      {&bearing.manufacturer(), ".manufacturer"},
      {&bearing.source(), ".source"}};
  for (const auto& [text, path] : texts) {
    if (absl::Status status = CheckText(*text, field + path); !status.ok()) return status;
  }
  if (bearing.designation().empty()) {
    return BadField("NO_DESIGNATION", field + ".designation", "the bearing has no designation",
                    "give what is stamped on it: evidence names it");
  }
  if (bearing.has_geometry()) return CheckGeometry(bearing.geometry(), field + ".geometry");
  if (bearing.has_orders()) return CheckOrders(bearing.orders(), field + ".orders");
  return BadField("ONE_OF_BEARING", field, "neither geometry nor orders is set",
                  "give the geometry, or the orders from the maker's table");
}

}  // namespace auscult::server
