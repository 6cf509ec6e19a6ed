#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace auscult::features {

// What is wrong with a record that is still worth keeping. One bit each: stored with every trend
// row, so a value is never reused for another meaning.
enum class QualityFlag : uint32_t {
  kClipped = 1u << 0,     // more than 3 equal extremes in a row
  kConstant = 1u << 1,    // no variation at all: dead sensor, open wire
  kDropout = 1u << 2,     // a run of one repeated value inside a live signal, or values that are
                          // held over many samples throughout
  kOffsetJump = 1u << 3,  // the mean steps inside the record
  kTooShortForVelocity =
      1u << 4,  // frequency resolution does not allow the ISO 20816 band: no velocity RMS
  kTooShortForLines = 1u << 5,  // too few shaft turns for bearing or order lines
  kNoSpeed = 1u << 6,           // no speed known: features in orders are absent
  kSpeedEstimated =
      1u << 7,             // only a nominal speed was known; the one used was found in the record
  kMainsPickup = 1u << 8,  // mains frequency and its harmonics dominate
  kSkiSlope = 1u << 9,     // low-frequency energy typical of a loose or saturated sensor
  kLate = 1u << 10,        // older than the newest record of its point when it came; moves no alarm
  kStopped = 1u << 11,     // the machine stood still: neither learnt from nor alarmed on
  kRepeatedBlock = 1u << 12,       // a block of samples occurs again, bit for bit
  kLostSamples = 1u << 13,         // the supply line jumps in phase inside the record
  kRateSuspect = 1u << 14,         // the supply line is not at the machine's line frequency
  kSpeedContradicted = 1u << 20,   // the speed sent as measured has no lines, another one has
  kTachometerUnusable = 1u << 21,  // its pulses tell no speed: the record was judged without it
};

using QualityFlags = uint32_t;

constexpr QualityFlags Bit(QualityFlag flag) { return static_cast<QualityFlags>(flag); }
constexpr bool Has(QualityFlags flags, QualityFlag flag) { return (flags & Bit(flag)) != 0; }

// A flag for people and programs: "clipped", what it means, what to do about it.
struct QualityText {
  QualityFlag flag;
  std::string_view name;
  std::string_view meaning;
  std::string_view remedy;
};

// One entry for each set bit, in the order of the enum.
std::vector<QualityText> Describe(QualityFlags flags);

// A record with one of these carries no verdict on the machine and is not learnt from.
constexpr QualityFlags kUnscorable = Bit(QualityFlag::kClipped) | Bit(QualityFlag::kConstant) |
                                     Bit(QualityFlag::kDropout) | Bit(QualityFlag::kRepeatedBlock) |
                                     Bit(QualityFlag::kLostSamples) |
                                     Bit(QualityFlag::kRateSuspect);

}  // namespace auscult::features
