#include "features/iso20816.h"

#include <cmath>

namespace auscult::features {
namespace {

// ISO 20816-3:2022, annex A. Kept as a table because editions change it.
struct LimitRow {
  float above_kw;  // the group holds machines above this power ...
  Foundation foundation;
  ZoneLimits limits;
};

constexpr LimitRow kTable[] = {
    {300.0f, Foundation::kRigid, {2.3f, 4.5f, 7.1f}},
    {300.0f, Foundation::kFlexible, {3.5f, 7.1f, 11.0f}},
    {0.0f, Foundation::kRigid, {1.4f, 2.8f, 4.5f}},
    {0.0f, Foundation::kFlexible, {2.3f, 4.5f, 7.1f}},
};

constexpr float kSmallestPowerKw = 15.0f;
constexpr float kSlowShaftRpm = 600.0f;

}  // namespace

std::optional<ZoneLimits> LimitsFor(const Machine& machine) {
  if (!(machine.rated_power_kw >= kSmallestPowerKw)) return std::nullopt;
  for (const LimitRow& row : kTable) {
    if (machine.rated_power_kw > row.above_kw && machine.foundation == row.foundation) {
      return row.limits;
    }
  }
  return std::nullopt;
}

Zone ZoneOf(float velocity_rms_mm_s, const std::optional<ZoneLimits>& limits) {
  if (!limits || std::isnan(velocity_rms_mm_s)) return Zone::kUnknown;
  if (velocity_rms_mm_s <= limits->ab) return Zone::kA;
  if (velocity_rms_mm_s <= limits->bc) return Zone::kB;
  if (velocity_rms_mm_s <= limits->cd) return Zone::kC;
  return Zone::kD;
}

float VelocityBandLowHz(float speed_rpm) {
  return speed_rpm > 0 && speed_rpm <= kSlowShaftRpm ? 2.0f : 10.0f;
}

const char* ZoneName(Zone zone) {
  switch (zone) {
    case Zone::kA:
      return "A";
    case Zone::kB:
      return "B";
    case Zone::kC:
      return "C";
    case Zone::kD:
      return "D";
    case Zone::kUnknown:
      break;
  }
  return "";
}

}  // namespace auscult::features
