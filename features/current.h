#pragma once

#include <array>
#include <complex>
#include <span>

#include "features/spectrum.h"

namespace auscult::features {

// The supply line in one phase current or voltage. NaN where no line dominates the record or the
// record is too short for it.
struct SupplyLine {
  float frequency_hz;
  float rms;                          // of the fundamental
  float thd_percent;                  // RMS of harmonics 2..40 over the fundamental
  std::array<float, 3> harmonic_rms;  // 3, 5, 7
};

SupplyLine SupplyLineOf(const PowerSpectrum& spectrum);

// Complex peak amplitude of the line at `line_hz` in a record of `length` samples, seen through the
// Hann window; 0 where it lies outside the spectrum.
std::complex<double> LinePhasor(std::span<const std::complex<float>> bins, int length,
                                double resolution_hz, double line_hz);

// How far the amplitude of the supply line moves within the record, (highest - lowest) / mean in
// percent: load and voltage that change slowly, up to 4 cycles in the record. From the 9 bins
// around the line, over the middle 60 % of the record. NaN for fewer than 6 cycles of the supply.
float AmplitudeVariationPercent(std::span<const std::complex<float>> bins, double resolution_hz,
                                double line_hz);

// Symmetrical components of three phases (Fortescue 1918).
struct PhaseBalance {
  float unbalance_percent;          // largest deviation from the mean magnitude / mean (NEMA MG 1)
  float negative_sequence_percent;  // |negative| / |positive|
  float zero_sequence_percent;      // |zero| / |positive|; no current of a motor without neutral
  float positive_sequence;          // |positive|, in the unit of the phasors
};

// Of the phasors of three phases. The sequence that is larger counts as the positive one, since
// sensors are often swapped.
PhaseBalance PhaseBalanceOf(const std::array<std::complex<double>, 3>& phases);

}  // namespace auscult::features
