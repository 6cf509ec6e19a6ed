#pragma once

#include <span>

namespace auscult::features {

// Mean and extremes of a record of at least one sample, in its own unit.
struct Range {
  double mean;
  float lowest;
  float highest;

  // Largest distance from the mean. What no sensor resolves, and float cannot divide by, is 0.
  double Peak() const;
  static constexpr double kSmallestPeak = 1e-30;
};

Range RangeOf(std::span<const float> samples);

// Mean powers of a centred record whose values lie within +-1.
struct Moments {
  double mean_abs = 0;
  double mean_square = 0;
  double mean_cube = 0;
  double mean_fourth = 0;
};

// Writes (sample - mean) / peak to `out`, of the same length, and gives its moments. Everything
// after this works on values within +-1, so that neither 1e12 nor 1e-12 leaves the range of float
// when it is squared twice. A constant record gives zeros.
Moments Centre(std::span<const float> samples, const Range& range, std::span<float> out);

// Moments of a signal that is already centred and within about +-1.
Moments MomentsOf(std::span<const float> centred);

// Statistics of the record without its mean. NaN where they divide by zero (constant record).
struct TimeDomain {
  float mean;
  float rms;
  float peak;  // largest |x|
  float peak_to_peak;
  float crest_factor;    // peak / rms
  float skewness;        // m3 / m2^1.5
  float kurtosis;        // m4 / m2^2, 3 for Gaussian noise, 1.5 for a sine
  float shape_factor;    // rms / mean |x|
  float impulse_factor;  // peak / mean |x|
};

TimeDomain TimeDomainOf(const Range& range, const Moments& moments);

}  // namespace auscult::features
