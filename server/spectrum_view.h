#pragma once

#include <span>
#include <string>
#include <vector>

#include "auscult/v1/trend_service.pb.h"
#include "features/spectrum.h"
#include "google/protobuf/repeated_field.h"
#include "server/machine_lines.h"
#include "server/record_spectra.h"

namespace auscult::server {

// A row of pixels over frequency: pixel i shows what lies around start_hz + i * step_hz.
struct FrequencyPixels {
  double start_hz = 0, step_hz = 0;
  int count = 0;
};

// Whole bins of a spectrum inside `band` (high_hz 0: up to its end), as many to a pixel as it takes
// to get by with `max_points`. Without any bin the count is 0.
FrequencyPixels PixelsOf(const features::Band& band, double bin_hz, size_t bin_count,
                         int max_points);

// The largest value of each pixel, by frequency, whatever the bins of the spectrum; 0 beyond its
// end.
void AppendLargest(const LineSpectrum& spectrum, const FrequencyPixels& pixels,
                   std::vector<float>& values);

// Bins, peaks and the machine's `lines` of a spectrum within `band`. `speed_rpm` NaN or 0: not
// known.
void ShowSpectrum(const LineSpectrum& spectrum, const features::Band& band, int max_points,
                  const std::vector<MachineLine>& lines, float speed_rpm, v1::NumberFormat format,
                  v1::Spectrum& out);

// Puts values where the format wants them.
void SetNumbers(std::span<const float> values, v1::NumberFormat format,
                google::protobuf::RepeatedField<float>* field, std::string* octets);

}  // namespace auscult::server
