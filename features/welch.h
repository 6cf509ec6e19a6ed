#pragma once

#include <complex>
#include <span>
#include <vector>

#include "features/fft.h"

namespace auscult::features {

// A spectrum to show or store, from DC to Nyquist: averaged over segments, so that noise is smooth.
struct AveragedSpectrum {
  std::vector<float> values;
  double resolution_hz = 0;  // distance of the bins
  double enbw_hz = 0;        // equivalent noise bandwidth: of a bin, in the noise that it takes in
  int segments = 0;
};

// Averages the spectra of overlapping segments (Welch 1967), each without its mean and slope. Owns
// plan, window and scratch memory for one segment length: one for each thread.
class Welch {
 public:
  enum class Kind : unsigned char {
    // Density in squared units per Hz, one-sided: Hann, 50 % overlap. The sum over the bins of a
    // band times resolution_hz is its mean square. DC and Nyquist are not doubled.
    kDensity,
    // Peak amplitude of a sine, wherever it falls between the bins, within 0.01 dB: flat-top (5
    // terms,
    // ISO 18431-2), 75 % overlap. The main lobe is five bins wide on either side. Noise reads as
    // sqrt(2 x density x enbw_hz).
    kAmplitude,
  };

  // At least kShortestSegment samples; lengths without a prime factor above 5 are fast.
  Welch(Kind kind, int segment_length);

  // `samples` holds at least one segment. What follows the last whole segment is left out.
  void Compute(std::span<const float> samples, double sample_rate_hz, AveragedSpectrum& out);

  static constexpr int kShortestSegment = 16;

 private:
  void AddSegment(std::span<const float> segment);

  Kind kind_;
  RealFft fft_;
  FftVector<float> window_;
  double window_sum_ = 0;         // S1
  double window_square_sum_ = 0;  // S2
  FftVector<float> segment_;
  FftVector<std::complex<float>> bins_;
  std::vector<double> power_;  // sum of |X|^2 over the segments
};

}  // namespace auscult::features
