#include "cli/plant_machine.h"

#include <algorithm>
#include <optional>

#include "absl/strings/strip.h"
#include "features/bearing_catalogue.h"

namespace auscult::cli {
namespace {

float RatioOr1(float ratio) { return ratio == 0 ? 1.0f : ratio; }

// 0 where there is none.
float BeltOrderOf(const v1::Belt& belt) {
  if (belt.length_mm() == 0) return belt.order();
  return features::BeltOrderOf(
      {.pulley_diameter_mm = belt.pulley_diameter_mm(), .belt_length_mm = belt.length_mm()});
}

features::BearingOrders OrdersOfGeometry(const v1::BearingGeometry& geometry) {
  return features::OrdersOf(
      features::BearingGeometry{.rolling_elements = geometry.rolling_elements(),
                                .element_diameter_mm = geometry.element_diameter_mm(),
                                .pitch_diameter_mm = geometry.pitch_diameter_mm(),
                                .contact_angle_deg = geometry.contact_angle_deg()});
}

features::BearingOrders OrdersOfMessage(const v1::BearingOrders& orders) {
  return {.bpfo = orders.bpfo(), .bpfi = orders.bpfi(), .bsf = orders.bsf(), .ftf = orders.ftf()};
}

std::optional<features::BearingOrders> OrdersOfMounted(const v1::MountedBearing& mounted,
                                                       const SiteBearings& bearings) {
  if (mounted.has_geometry()) return OrdersOfGeometry(mounted.geometry());
  if (mounted.has_orders()) return OrdersOfMessage(mounted.orders());
  if (const auto own = bearings.find(mounted.bearing()); own != bearings.end()) {
    return own->second.has_geometry() ? OrdersOfGeometry(own->second.geometry())
                                      : OrdersOfMessage(own->second.orders());
  }
  const std::string id(absl::StripPrefix(mounted.bearing(), "bearings/"));
  const features::CatalogueBearing* known = features::FindBearing(id);
  if (known == nullptr) return std::nullopt;
  return features::OrdersOf(known->geometry);
}

}  // namespace

features::Machine MachineOfMessage(const v1::Machine& message, const SiteBearings& bearings) {
  features::Machine machine;
  if (message.has_rated_power_kw()) machine.rated_power_kw = message.rated_power_kw();
  if (message.has_rated_speed_rpm()) machine.rated_speed_rpm = message.rated_speed_rpm();
  if (message.has_line_frequency_hz()) machine.line_frequency_hz = message.line_frequency_hz();
  machine.pole_pairs = message.pole_pairs();
  machine.rotor_bars = message.rotor_bars();
  machine.blades = message.blades();
  machine.tachometer_pulses = std::max(1, message.tachometer_pulses());
  machine.belt_order = BeltOrderOf(message.belt());
  for (const v1::MountedBearing& mounted : message.bearings()) {
    std::optional<features::BearingOrders> orders = OrdersOfMounted(mounted, bearings);
    if (!orders) continue;
    const float ratio = RatioOr1(mounted.shaft_ratio());
    for (float* order : {&orders->bpfo, &orders->bpfi, &orders->bsf, &orders->ftf}) *order *= ratio;
    machine.bearings.push_back({mounted.position(), mounted.bearing(), *orders});
  }
  for (const v1::Gear& gear : message.gears()) {
    machine.gears.push_back({gear.position(), gear.teeth(), RatioOr1(gear.shaft_ratio())});
  }
  return machine;
}

}  // namespace auscult::cli
