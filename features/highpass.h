#pragma once

#include <complex>
#include <span>

#include "features/fft.h"

namespace auscult::features {

// What is left of a record above 1 kHz, or above an eighth of the rate where that is lower: the
// part in which bearings and gears ring and shafts do not. Relative to what the record was divided
// by. NaN where nothing is left.
struct HighpassStatistics {
  float rms;
  float peak;
  float crest_factor;
  float kurtosis;  // 3 for Gaussian noise
};

// A linear-phase high-pass applied to the bins of a record: gain 0 below half the corner, 1 above
// it, a raised cosine between them. Owns its plan for one record length and rate; const and
// thread-safe once made.
class Highpass {
 public:
  Highpass(int length, double sample_rate_hz);

  double corner_hz() const { return corner_hz_; }

  // `scratch_bins` is as long as `bins`, `scratch` as the record; both are overwritten. The ends,
  // where the record is folded onto itself, are left out.
  HighpassStatistics Statistics(std::span<const std::complex<float>> bins,
                                std::span<std::complex<float>> scratch_bins,
                                std::span<float> scratch) const;

 private:
  double corner_hz_;
  int first_bin_;            // first with a gain above 0
  std::vector<float> gain_;  // of the bins from there to the corner, 1 / length folded in
  int end_samples_;
  InverseRealFft inverse_;
};

}  // namespace auscult::features
