#pragma once

#include <complex>
#include <span>

#include "features/fft.h"
#include "features/spectrum.h"

namespace auscult::features {

// The analytic signal of one band of a record, by a short inverse transform of the band's own bins.
// Its rate is about once or twice the width of the band. Owns its plan for one band, record length
// and rate; const and thread-safe once made.
class AnalyticBand {
 public:
  // A band that reaches past Nyquist is cut there. `end_periods` reciprocal bandwidths, but no more
  // than an eighth of the record, are left out at either end, where the record is folded onto
  // itself: a step there rings on into the record as 1 / (2 pi periods) of its height.
  AnalyticBand(Band band, int length, double sample_rate_hz, int end_periods);

  // False where fewer than 32 bins of the band lie below Nyquist.
  bool measurable() const { return bin_count_ >= kFewestBins; }
  // Width of what lies below Nyquist.
  double width_hz() const { return width_hz_; }
  // Length of both buffers of Demodulate; 0 where it is not measurable.
  int scratch_length() const { return measurable() ? inverse_.length() : 0; }

  // Needs measurable(). `bins` are those of the record. The result lies in `analytic`, in units of
  // the record: a sine of the band has its amplitude as magnitude.
  std::span<const std::complex<float>> Demodulate(std::span<const std::complex<float>> bins,
                                                  std::span<std::complex<float>> band_bins,
                                                  std::span<std::complex<float>> analytic) const;

  static constexpr int kFewestBins = 32;

 private:
  int first_bin_;
  int bin_count_;
  double width_hz_;
  int end_periods_;
  float norm_;
  InverseComplexFft inverse_;
};

// Of the squared magnitude of an analytic signal, its squared envelope.
struct EnvelopePower {
  double mean;
  double mean_square;
  float highest;
};
// `analytic` is not empty.
EnvelopePower EnvelopePowerOf(std::span<const std::complex<float>> analytic);

// Mean squared envelope, of a record of peak 1, below which a band holds nothing but the rounding
// of the transform.
inline constexpr double kEnvelopeRounding = 4e-13;

}  // namespace auscult::features
