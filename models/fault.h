#pragma once

#include <optional>
#include <string_view>

namespace auscult::models {

// What a verdict may say. The numbers are stored with every score row: never reuse one.
enum class Fault : unsigned char {
  kHealthy = 0,
  kInnerRace = 1,
  kOuterRace = 2,
  kBall = 3,
  kCage = 4,
  kUnbalance = 5,
  kMisalignment = 6,
  kLooseness = 7,
  kGear = 8,
  kBrokenRotorBar = 9,
  kEccentricity = 10,
  kStatorWinding = 11,
  kElectrical = 12,
  kOther = 13,       // departs from its baseline in a way that no rule names
  kAbstain = 14,     // the record does not decide; the reason says why
  kUnscorable = 15,  // the record must not be judged; reason and remedy say why and what to do
};

inline constexpr int kFaultCount = 16;

// Whether it accuses the machine of something.
constexpr bool NamesFault(Fault fault) {
  return fault != Fault::kHealthy && fault != Fault::kAbstain && fault != Fault::kUnscorable;
}

// "inner_race", ... as in the API and the JSON of `auscult analyze`.
std::string_view FaultName(Fault fault);
std::optional<Fault> ParseFault(std::string_view name);

}  // namespace auscult::models
