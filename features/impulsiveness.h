#pragma once

#include <complex>
#include <span>

#include "features/fft.h"
#include "features/spectrum.h"

namespace auscult::features {

// How impulsive one band of a record is: 10 log10(mean e^2 / (mean e)^2 / 2) with e the squared
// envelope of the band, that is the kurtosis of the complex envelope in dB. 0 for Gaussian noise,
// -3 for a single line, 10 and more for sparse impacts. Demodulates by a short inverse transform of
// the band's own bins. Owns its plan for one band, record length and rate; const and thread-safe
// once made.
class BandImpulsiveness {
 public:
  // A band that reaches past Nyquist is cut there.
  BandImpulsiveness(Band band, int length, double sample_rate_hz);

  // False where less than four tenths of the band, or fewer than 32 bins, lie below Nyquist.
  bool measurable() const { return measurable_; }
  // Length of both scratch buffers of Db; 0 where it is not measurable.
  int scratch_length() const { return measurable_ ? inverse_.length() : 0; }

  // NaN where the band is not measurable or holds nothing. The ends of the record, where it is
  // folded onto itself, are left out.
  float Db(std::span<const std::complex<float>> bins, std::span<std::complex<float>> band_bins,
           std::span<std::complex<float>> analytic) const;

 private:
  int first_bin_;
  int bin_count_;
  bool measurable_;
  float norm_;  // brings the envelope to the scale of the record
  InverseComplexFft inverse_;
};

}  // namespace auscult::features
