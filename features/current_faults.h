#pragma once

#include <array>

#include "features/current_lines.h"
#include "features/current_slip.h"
#include "features/machine.h"

namespace auscult::features {

// How far lines are looked for from where they should be while the slip is not sure.
inline constexpr double kSidebandSearchShare = 0.1;  // of their distance from the supply line
inline constexpr double kShaftSearchShare = 0.003;   // of the shaft speed

// What is known of the rotor while the record was taken. NaN where it is not.
struct RotorMotion {
  double slip;
  double shaft_hz;
  float confidence;  // of the slip, as in RotorSlip

  bool is_sure() const { return confidence >= kConfidentSlip; }
};

// Lines of a broken rotor bar in dB below the supply line: (1 -+ 2s)f and (1 -+ 4s)f (ISO 20958),
// and the stronger of (3-2s)f and (3-4s)f, which a broken bar makes through the saturation harmonic
// and a swinging load does not. NaN without slip or where the record is shorter than 5 / (2 s f).
struct RotorBarLines {
  float low_db, high_db;
  float low_2_db, high_2_db;
  float low_excess_db;  // of the line at (1-2s)f over the noise
  float third_db, third_excess_db;
};

RotorBarLines RotorBarLinesOf(const LineSpectrum& spectrum, const RotorMotion& rotor);

// Slip at 35 % load, the least at which rotor bars are graded, by the rated speed; NaN without it.
double LeastGradedSlip(const Machine& machine, double supply_hz);

// Seconds of record that resolve the sidebands of that slip: 6 / (2 s f). The limit of resolution
// is half of it (ISO 20958); the window of LineSpectrum needs 5. NaN without slip.
float RotorRecordSeconds(double slip, double supply_hz);

// Lines of eccentricity in dB below the supply line: f -+ fr (mixed) and, where the number of bars
// and the slip are sure, the rotor slot harmonics f(R(1-s)/p +- 1), which static eccentricity
// raises, and f((R -+ 1)(1-s)/p +- 1), which dynamic eccentricity does; of several the strongest
// (Thomson and Fenger 2001).
struct EccentricityLines {
  float low_db, high_db;
  float excess_db;  // mean of the two over the noise
  float slot_db;
  float slot_dynamic_db;
};

EccentricityLines EccentricityLinesOf(const LineSpectrum& spectrum, const RotorMotion& rotor,
                                      const Machine& machine);

// Lines |f -+ m fv|, m = 1, 2, of the bearing whose lines stand out most (Schoen et al. 1995), fv
// its outer, inner and twice its ball-spin frequency: the strongest in dB below the supply line,
// and the mean of all over the noise at the best slip of the rolling elements within 1 %.
struct BearingCurrentLines {
  int bearing;  // -1: none could be looked at
  std::array<float, 3> below_db;
  std::array<float, 3> excess_db;
};

BearingCurrentLines BearingCurrentLinesOf(const LineSpectrum& spectrum, const RotorMotion& rotor,
                                          const Machine& machine);

// The highest frequency at which any of these lines lies.
double HighestCurrentLineHz(const Machine& machine, double supply_hz, double shaft_hz);

}  // namespace auscult::features
