#include "features/units.h"

#include <array>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace auscult::features {
namespace {

constexpr double kStandardGravity = 9.80665;  // m/s^2, ISO 80000-3
constexpr double kInch = 0.0254;              // m

// The first symbol of each quantity is its SI unit.
constexpr std::array kUnits = {
    Unit{"m/s2", Quantity::kAcceleration, 1.0},
    Unit{"m/s^2", Quantity::kAcceleration, 1.0},
    Unit{"m/s²", Quantity::kAcceleration, 1.0},
    Unit{"mm/s2", Quantity::kAcceleration, 1e-3},
    Unit{"mm/s^2", Quantity::kAcceleration, 1e-3},
    Unit{"mm/s²", Quantity::kAcceleration, 1e-3},
    Unit{"g", Quantity::kAcceleration, kStandardGravity},
    Unit{"mg", Quantity::kAcceleration, 1e-3 * kStandardGravity},
    Unit{"in/s2", Quantity::kAcceleration, kInch},
    Unit{"in/s^2", Quantity::kAcceleration, kInch},
    Unit{"m/s", Quantity::kVelocity, 1.0},
    Unit{"mm/s", Quantity::kVelocity, 1e-3},
    Unit{"um/s", Quantity::kVelocity, 1e-6},
    Unit{"in/s", Quantity::kVelocity, kInch},
    Unit{"ips", Quantity::kVelocity, kInch},
    Unit{"m", Quantity::kDisplacement, 1.0},
    Unit{"mm", Quantity::kDisplacement, 1e-3},
    Unit{"um", Quantity::kDisplacement, 1e-6},
    Unit{"µm", Quantity::kDisplacement, 1e-6},  // U+00B5, the micro sign
    Unit{"μm", Quantity::kDisplacement, 1e-6},  // U+03BC, the Greek letter
    Unit{"nm", Quantity::kDisplacement, 1e-9},
    Unit{"mil", Quantity::kDisplacement, 1e-3 * kInch},
    Unit{"in", Quantity::kDisplacement, kInch},
    Unit{"A", Quantity::kCurrent, 1.0},
    Unit{"mA", Quantity::kCurrent, 1e-3},
    Unit{"kA", Quantity::kCurrent, 1e3},
    Unit{"V", Quantity::kVoltage, 1.0},
    Unit{"mV", Quantity::kVoltage, 1e-3},
    Unit{"kV", Quantity::kVoltage, 1e3},
    Unit{"pulse", Quantity::kTachometer, 1.0},
};

std::string KnownSymbols() {
  std::string list;
  for (const Unit& unit : kUnits) {
    if (!list.empty()) list += ", ";
    list += unit.symbol;
  }
  return list;
}

}  // namespace

absl::StatusOr<Unit> ParseUnit(std::string_view symbol) {
  std::string wanted(symbol.substr(0, 32));
  absl::StripAsciiWhitespace(&wanted);
  for (const Unit& unit : kUnits) {
    if (absl::EqualsIgnoreCase(wanted, std::string(unit.symbol))) return unit;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unit \"", wanted, "\" is not known; use one of ", KnownSymbols()));
}

std::string_view QuantityName(Quantity quantity) {
  switch (quantity) {
    case Quantity::kAcceleration:
      return "acceleration";
    case Quantity::kVelocity:
      return "velocity";
    case Quantity::kDisplacement:
      return "displacement";
    case Quantity::kCurrent:
      return "current";
    case Quantity::kVoltage:
      return "voltage";
    case Quantity::kTachometer:
      return "tachometer";
  }
  return "unknown";
}

std::string_view SiUnit(Quantity quantity) {
  for (const Unit& unit : kUnits) {
    if (unit.quantity == quantity) return unit.symbol;
  }
  return "";
}

}  // namespace auscult::features
