#include "features/machine.h"

#include <cmath>
#include <numbers>

namespace auscult::features {

BearingOrders OrdersOf(const BearingGeometry& geometry) {
  const double contact_rad = geometry.contact_angle_deg * std::numbers::pi / 180.0;
  const double ratio = static_cast<double>(geometry.element_diameter_mm) /
                       geometry.pitch_diameter_mm * std::cos(contact_rad);
  const double spin =
      geometry.pitch_diameter_mm * (1.0 - ratio * ratio) / (2.0 * geometry.element_diameter_mm);
  return {.bpfo = static_cast<float>(geometry.rolling_elements * (1.0 - ratio) / 2.0),
          .bpfi = static_cast<float>(geometry.rolling_elements * (1.0 + ratio) / 2.0),
          .bsf = static_cast<float>(spin),
          .ftf = static_cast<float>((1.0 - ratio) / 2.0)};
}

float BeltOrderOf(const BeltGeometry& geometry) {
  return std::numbers::pi_v<float> * geometry.pulley_diameter_mm / geometry.belt_length_mm;
}

}  // namespace auscult::features
