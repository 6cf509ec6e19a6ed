#pragma once

#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "features/band_envelope.h"
#include "features/record_transform.h"
#include "features/spectrum.h"
#include "features/units.h"
#include "features/welch.h"

namespace auscult::server {

// A spectrum from 0 Hz on: value k stands at k * bin_hz.
struct LineSpectrum {
  std::vector<float> values;
  double bin_hz = 0;
  int lobe_bins = 1;                 // a line reaches so many bins to either side
  std::vector<float> measured = {};  // before it was integrated, which bends lines; else empty
};

// Turns amplitudes of `from`, in its SI unit, into `to`: scaled, and integrated or differentiated
// between acceleration, velocity and displacement. What leaks from the mean into the lowest bins
// would grow without bound when it is integrated, and is 0. Both are vibration, or of one quantity.
void Convert(features::Quantity from, const features::Unit& to, LineSpectrum& spectrum);

// Spectra to look at, of records. Keeps plans and memory for the last length: one for each thread.
class RecordSpectra {
 public:
  // Amplitudes of the lines of a record of at least 256 samples, in its own unit: a peak reads the
  // amplitude of its sine, wherever it falls between bins (flat top).
  LineSpectrum Amplitude(std::span<const float> samples, double sample_rate_hz);

  // Lines of the squared envelope of `band`, up to `max_hz` or what the band allows, as shares of
  // its mean: an amplitude of 1 is full modulation. `band` holds at least four bins and ends at
  // Nyquist or below.
  LineSpectrum Envelope(std::span<const float> samples, double sample_rate_hz, features::Band band,
                        double max_hz);

 private:
  std::optional<features::Welch> welch_;
  int welch_length_ = 0;
  features::AveragedSpectrum averaged_;
  std::optional<features::RecordTransform> transform_;
  size_t transform_samples_ = 0;
  double transform_rate_hz_ = 0;
  features::BandEnvelope envelope_;
};

}  // namespace auscult::server
