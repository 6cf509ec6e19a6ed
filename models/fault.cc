#include "models/fault.h"

#include <array>

namespace auscult::models {
namespace {

constexpr std::array<std::string_view, kFaultCount> kNames = {
    "healthy",      "inner_race",     "outer_race", "ball",  "cage",
    "unbalance",    "misalignment",   "looseness",  "gear",  "broken_rotor_bar",
    "eccentricity", "stator_winding", "electrical", "other", "abstain",
    "unscorable"};

}  // namespace

std::string_view FaultName(Fault fault) { return kNames[static_cast<size_t>(fault)]; }

std::optional<Fault> ParseFault(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Fault>(i);
  }
  return std::nullopt;
}

}  // namespace auscult::models
