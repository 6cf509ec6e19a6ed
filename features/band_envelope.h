#pragma once

#include <complex>
#include <span>
#include <vector>

#include "features/fft.h"
#include "features/plan_cache.h"

namespace auscult::features {

// A run of bins of a record's transform that is demodulated together.
struct BinRange {
  int first = 0;
  int count = 0;
};

// The full band [0.01, 0.485] of the sampling rate, then its halves, quarters and eighths with 50 %
// overlap, for a transform of `length` samples. Levels narrower than `min_bins` are left out, and
// all but the full band where `full_band_only`. Bands of one level are equally wide.
void DemodulationBands(int length, int min_bins, bool full_band_only, std::vector<BinRange>& bands);

// Power spectra of the envelope of a band, at the resolution of the record it was cut from. No
// full-length inverse transform is needed: the bins of the band, inverse-transformed at twice their
// own number, give the analytic signal exactly. Keeps plans and scratch memory: one for each
// thread.
class BandEnvelope {
 public:
  // Demodulates `band` of `spectrum` (a RealFft of the record). The envelope is averaged down to
  // the rate that `needed_bins` bins of its spectrum need, which takes up to 2 dB from the highest.
  // A band that holds nothing has a constant envelope.
  void Demodulate(std::span<const std::complex<float>> spectrum, BinRange band, int needed_bins);

  // Of the band demodulated last: |FFT|^2 of the squared envelope over its mean, and of
  // ln(squared envelope + 0.001). Valid until the next call of either; at
  // most needed_bins bins from DC on, fewer where the band is narrower. DC, of which nothing is
  // left, repeats bin 1. Squared modulation indices of lines are 4 / length ^2 times this, with the
  // length from envelope_length(). Spectral kurtosis of the band demodulated last (Antoni 2006):
  // mean |c|^4 / (mean |c|^2)^2 - 2 of its analytic signal c. 0 for Gaussian noise, -1 for one
  // line, large for sparse impacts.
  float Kurtosis() const { return kurtosis_; }

  std::span<const float> SquaredPower();
  std::span<const float> LogPower();
  int envelope_length() const { return length_; }

 private:
  std::span<const float> PowerOf(FftVector<float>& envelope);
  void Average(int factor, float gain);

  PlanCache<InverseComplexFft> inverse_;
  PlanCache<RealFft> forward_;
  FftVector<std::complex<float>> bins_;
  FftVector<std::complex<float>> analytic_;
  FftVector<float> squared_;
  FftVector<float> log_;
  FftVector<std::complex<float>> transform_;
  FftVector<float> power_;
  int length_ = 0;
  int bin_count_ = 0;
  float kurtosis_ = 0;
};

}  // namespace auscult::features
