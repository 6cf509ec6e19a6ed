#pragma once

#include <span>

#include "features/current_lines.h"
#include "features/fft.h"
#include "features/machine.h"
#include "features/waveform.h"

namespace auscult::features {

// Where the slip may be before the record is looked at; empty (high < low) where nothing is known.
struct SlipPrior {
  double low;
  double high;
  double expected;  // from the speed that was sent; NaN where none was
  bool measured;    // the speed was measured with the record
};

// From the speed and its tolerance (one measured with the record is taken to be within 0.5 %), else
// from the rated speed (up to twice the rated slip), else up to 0.1. Slips are 0.002 to 0.3; a
// measured speed outside of that, or no pole pairs, leave the prior empty.
SlipPrior SlipPriorOf(const Machine& machine, const Conditions& conditions, double supply_hz);

struct RotorSlip {
  double slip;       // NaN where not known
  float confidence;  // 0..1: how clearly the record shows this slip and no other; NaN: not looked
};

// What LineSpectrum::levels show, without the supply.
struct SlipLevels {
  std::span<const float> phases;  // mean over the phases; empty where none carries a current
  std::span<const float> park;    // of the Park modulus; may be empty
  double resolution_hz;
  double supply_hz;
};

// From here on the lines are where the slip says, and need not be looked for around it.
inline constexpr float kConfidentSlip = 0.5f;

// Joint search (ISO 20958: one slip must explain every line): rotor bars (1 -+ 2s)f, with
// 2sf of the Park modulus, and (3-2s)f, (3-4s)f; eccentricity f -+ fr; rotor slots f(R(1-s)/p + v),
// v = -3, -1, 1, 3. A wrong speed that happens to meet one line is so outvoted by the others.
// Memory is kept between records: one for each thread.
class RotorSlipSearch {
 public:
  // The expected slip stands where it was measured and the record shows nothing better; otherwise
  // what the record does not show (confidence below kConfidentSlip) is not known.
  RotorSlip Find(const SlipLevels& levels, const Machine& machine, const SlipPrior& prior);

 private:
  FftVector<float> scores_;
};

}  // namespace auscult::features
