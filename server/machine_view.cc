#include "server/machine_view.h"

#include <algorithm>
#include <optional>

#include "server/concat.h"
#include "server/names.h"

namespace auscult::server {
namespace {

features::BearingGeometry GeometryOf(const v1::BearingGeometry& geometry) {
  return {.rolling_elements = geometry.rolling_elements(),
          .element_diameter_mm = geometry.element_diameter_mm(),
          .pitch_diameter_mm = geometry.pitch_diameter_mm(),
          .contact_angle_deg = geometry.contact_angle_deg()};
}

features::BearingOrders OrdersOf(const v1::BearingOrders& orders) {
  return {.bpfo = orders.bpfo(), .bpfi = orders.bpfi(), .bsf = orders.bsf(), .ftf = orders.ftf()};
}

v1::BearingOrders MessageOfOrders(const features::BearingOrders& orders) {
  v1::BearingOrders message;
  message.set_bpfo(orders.bpfo);
  message.set_bpfi(orders.bpfi);
  message.set_bsf(orders.bsf);
  message.set_ftf(orders.ftf);
  return message;
}

float RatioOr1(float ratio) { return ratio == 0 ? 1.0f : ratio; }

// 0 where there is none.
float BeltOrderOf(const v1::Belt& belt) {
  if (belt.length_mm() == 0) return belt.order();
  return features::BeltOrderOf(
      {.pulley_diameter_mm = belt.pulley_diameter_mm(), .belt_length_mm = belt.length_mm()});
}

features::BearingOrders Scaled(const features::BearingOrders& orders, float ratio) {
  return {.bpfo = orders.bpfo * ratio,
          .bpfi = orders.bpfi * ratio,
          .bsf = orders.bsf * ratio,
          .ftf = orders.ftf * ratio};
}

// Designation and orders at its own shaft, or nothing.
std::optional<features::MountedBearing> LookUp(const v1::MountedBearing& mounted,
                                               const SiteBearings& bearings) {
  features::MountedBearing found;
  if (mounted.has_geometry()) {
    found.orders = features::OrdersOf(GeometryOf(mounted.geometry()));
    return found;
  }
  if (mounted.has_orders()) {
    found.orders = OrdersOf(mounted.orders());
    return found;
  }
  const absl::StatusOr<BearingName> name = ParseBearingName(mounted.bearing());
  if (!name.ok()) return std::nullopt;
  if (name->site.empty()) {
    const features::CatalogueBearing* entry = features::FindBearing(name->bearing);
    if (entry == nullptr) return std::nullopt;
    found.designation = entry->designation;
    found.orders = features::OrdersOf(entry->geometry);
    return found;
  }
  const auto own = bearings.find(name->bearing);
  if (own == bearings.end()) return std::nullopt;
  found.designation = own->second.designation();
  found.orders = OrdersOf(own->second.orders());
  return found;
}

// "bearing", "bearing 2", ... where nobody named the place: evidence must say which one.
std::string PlaceOr(const std::string& position, std::string_view noun, int index, int count) {
  if (!position.empty()) return position;
  return count == 1 ? std::string(noun) : Concat(noun, " ", index + 1);
}

}  // namespace

features::Machine MachineOf(const v1::Machine& machine, const SiteBearings& bearings) {
  features::Machine result;
  if (machine.has_rated_power_kw()) result.rated_power_kw = machine.rated_power_kw();
  if (machine.foundation() == v1::FOUNDATION_RIGID) {
    result.foundation = features::Foundation::kRigid;
  } else if (machine.foundation() == v1::FOUNDATION_FLEXIBLE) {
    result.foundation = features::Foundation::kFlexible;
  }
  if (machine.has_rated_speed_rpm()) result.rated_speed_rpm = machine.rated_speed_rpm();
  if (machine.has_line_frequency_hz()) result.line_frequency_hz = machine.line_frequency_hz();
  result.pole_pairs = machine.pole_pairs();
  result.rotor_bars = machine.rotor_bars();
  result.blades = machine.blades();
  result.tachometer_pulses = std::max(1, machine.tachometer_pulses());
  result.belt_order = BeltOrderOf(machine.belt());
  for (int i = 0; i < machine.bearings_size(); ++i) {
    const v1::MountedBearing& mounted = machine.bearings(i);
    std::optional<features::MountedBearing> bearing = LookUp(mounted, bearings);
    if (!bearing) continue;
    bearing->name = PlaceOr(mounted.position(), "bearing", i, machine.bearings_size());
    bearing->orders = Scaled(bearing->orders, RatioOr1(mounted.shaft_ratio()));
    result.bearings.push_back(*std::move(bearing));
  }
  for (int i = 0; i < machine.gears_size(); ++i) {
    const v1::Gear& gear = machine.gears(i);
    result.gears.push_back({.name = PlaceOr(gear.position(), "gear", i, machine.gears_size()),
                            .teeth = gear.teeth(),
                            .shaft_ratio = RatioOr1(gear.shaft_ratio())});
  }
  return result;
}

v1::Bearing MessageOf(const features::CatalogueBearing& bearing) {
  v1::Bearing message;
  message.set_name(BearingResource("", bearing.id));
  message.set_designation(std::string(bearing.designation));
  message.set_manufacturer(std::string(bearing.manufacturer));
  v1::BearingGeometry& geometry = *message.mutable_geometry();
  geometry.set_rolling_elements(bearing.geometry.rolling_elements);
  geometry.set_element_diameter_mm(bearing.geometry.element_diameter_mm);
  geometry.set_pitch_diameter_mm(bearing.geometry.pitch_diameter_mm);
  geometry.set_contact_angle_deg(bearing.geometry.contact_angle_deg);
  *message.mutable_orders() = OrdersMessage(geometry);
  message.set_source(std::string(bearing.source));
  return message;
}

v1::BearingOrders OrdersMessage(const v1::BearingGeometry& geometry) {
  return MessageOfOrders(features::OrdersOf(GeometryOf(geometry)));
}

bool UsesSiteBearings(const v1::Machine& machine) {
  return std::any_of(
      machine.bearings().begin(), machine.bearings().end(),
      [](const v1::MountedBearing& mounted) { return mounted.bearing().starts_with("sites/"); });
}

}  // namespace auscult::server
