#pragma once

#include <optional>

#include "features/machine.h"

namespace auscult::features {

// ISO 20816-3 evaluation zones of velocity RMS on non-rotating parts.
enum class Zone : unsigned char { kUnknown = 0, kA = 1, kB = 2, kC = 3, kD = 4 };

// Limits between the zones, in mm/s RMS.
struct ZoneLimits {
  float ab;
  float bc;
  float cd;
};

// The limits that apply to a machine: by power group (above 300 kW, 15 to 300 kW) and foundation.
// Nothing where the power is unknown or below 15 kW or the foundation is unknown: no zone is better
// than a guessed one.
std::optional<ZoneLimits> LimitsFor(const Machine& machine);

// kUnknown for a NaN velocity or without limits. A value on a limit belongs to the better zone.
Zone ZoneOf(float velocity_rms_mm_s, const std::optional<ZoneLimits>& limits);

// Lower edge of the velocity band: 10 Hz, or 2 Hz for shafts at or below 600 rpm.
float VelocityBandLowHz(float speed_rpm);

const char* ZoneName(Zone zone);  // "A".."D", "" for unknown

}  // namespace auscult::features
