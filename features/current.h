#pragma once

#include <array>
#include <complex>
#include <span>

#include "features/machine.h"
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

// Lines at (1 -+ 2s) f, in dB below the line at f: the broken-bar sidebands of ISO 20958. `slip` is
// 1 - speed x pole pairs / f. NaN without speed or pole pairs, where the slip is not within 0.002
// .. 0.3, or where the record is shorter than 5 / (2 s f).
struct RotorSidebands {
  float slip;
  float low_db;
  float high_db;
};

// `bins` as for HannPower. Uses a window whose side lobes lie 92 dB below the line (4-term
// Blackman-Harris), so that no leakage of the supply line is taken for a broken bar.
RotorSidebands RotorSidebandsOf(std::span<const std::complex<float>> bins, double resolution_hz,
                                const Machine& machine, double speed_hz, double line_hz);

// Complex amplitude, up to a factor common to all records of that length, of the Hann line at
// `line_hz`.
std::complex<double> LinePhasor(std::span<const std::complex<float>> bins, double resolution_hz,
                                double line_hz);

struct PhaseBalance {
  float unbalance_percent;          // largest deviation from the mean magnitude / mean (NEMA MG 1)
  float negative_sequence_percent;  // |negative| / |positive|
};

// Of the phasors of three phases. The sequence that is larger counts as the positive one, since
// sensors are often swapped.
PhaseBalance PhaseBalanceOf(const std::array<std::complex<double>, 3>& phases);

}  // namespace auscult::features
