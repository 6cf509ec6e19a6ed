#pragma once

#include <complex>
#include <span>

#include "features/analytic_band.h"
#include "features/spectrum.h"

namespace auscult::features {

// How impulsive one band of a record is: 10 log10(mean e^2 / (mean e)^2 / 2) with e the squared
// envelope of the band, that is the kurtosis of the complex envelope in dB. 0 for Gaussian noise,
// -3 for a single line, 10 and more for sparse impacts. Owns its plan for one band, record length
// and rate; const and thread-safe once made.
class BandImpulsiveness {
 public:
  // A band that reaches past Nyquist is cut there.
  BandImpulsiveness(Band band, int length, double sample_rate_hz);

  // False where less than four tenths of the band, or fewer than 32 bins, lie below Nyquist.
  bool measurable() const { return measurable_; }
  // Length of both scratch buffers of Db.
  int scratch_length() const { return band_.scratch_length(); }

  // NaN where the band is not measurable or holds nothing. `bins` are of a record within +-1.
  float Db(std::span<const std::complex<float>> bins, std::span<std::complex<float>> band_bins,
           std::span<std::complex<float>> analytic) const;

 private:
  AnalyticBand band_;
  bool measurable_;
};

}  // namespace auscult::features
