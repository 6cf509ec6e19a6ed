#pragma once

#include <complex>
#include <span>

#include "features/analytic_band.h"

namespace auscult::features {

// What a record holds above 5 kHz, relative to what it was divided by. NaN where that is not
// measurable, or nothing is left.
struct HighFrequencyLevel {
  float rms;
  float peak;  // of the envelope: the stress wave at its highest, wherever it falls between samples
};

// The level of stress waves: impacts of metal on metal ring above 5 kHz, where shafts, gears and
// flow hardly reach; its peak follows single impacts that an average would hide (the idea of
// PeakVue, Robinson 2001). Owns its plan for one record length and rate; const and thread-safe once
// made.
class HighFrequency {
 public:
  HighFrequency(int length, double sample_rate_hz);

  // Length of both scratch buffers of Level.
  int scratch_length() const { return band_.scratch_length(); }

  // `bins` are of a record within +-1. NaN where less than 1 kHz or 32 bins of the band lie below
  // Nyquist.
  HighFrequencyLevel Level(std::span<const std::complex<float>> bins,
                           std::span<std::complex<float>> band_bins,
                           std::span<std::complex<float>> analytic) const;

 private:
  AnalyticBand band_;
  bool measurable_;
};

}  // namespace auscult::features
