#pragma once

#include <string_view>

#include "absl/status/statusor.h"

namespace auscult::features {

// What a channel measures. Inside the server every channel is in the SI unit named here.
enum class Quantity : unsigned char {
  kAcceleration = 1,  // m/s^2
  kVelocity = 2,      // m/s
  kDisplacement = 3,  // m
  kCurrent = 4,       // A
  kVoltage = 5,       // V
  kTachometer = 6,    // V; only where its pulses begin matters, so that any scale will do
};

// A unit a sender may use: value in SI = value in this unit * to_si.
struct Unit {
  std::string_view symbol;
  Quantity quantity;
  double to_si;
};

// Looks a symbol up ("g", "m/s2", "mm/s", "in/s", "um", "mil", "A", "mA", "V", "mV", ...), ignoring
// case where no two units differ by case alone. INVALID_ARGUMENT names the symbol and lists the
// known ones. The result points into a static table.
absl::StatusOr<Unit> ParseUnit(std::string_view symbol);

// "acceleration", "velocity", ... and the SI unit in which values of that quantity are kept.
std::string_view QuantityName(Quantity quantity);
std::string_view SiUnit(Quantity quantity);

}  // namespace auscult::features
