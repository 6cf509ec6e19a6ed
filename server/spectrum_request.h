#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "features/feature_set.h"
#include "features/spectrum.h"
#include "features/units.h"
#include "features/waveform.h"

namespace auscult::server {

// What requests for spectra have in common.

// The unit of an answer: of the same quantity as the channel, or of another that vibration can be
// turned into. "" is the SI unit of the channel. INVALID_ARGUMENT: UNKNOWN_UNIT, UNIT_MISMATCH.
absl::StatusOr<features::Unit> SpectrumUnit(const std::string& unit, features::Quantity from);

// 0 <= low_hz < high_hz, where high_hz is given. INVALID_ARGUMENT: BAD_BAND.
absl::Status CheckBand(double low_hz, double high_hz, const std::string& prefix);

// 0 is `usual`, more than `most` is `most`; INVALID_ARGUMENT (`reason`) for less than 0.
absl::StatusOr<int> CheckCount(int requested, int usual, int most, std::string_view reason,
                               const std::string& field);

// The band to demodulate: the one asked for, which must lie within the record and hold a few bins
// (BAD_BAND); else the one in which the diagnosis of the record saw its strongest bearing lines, or
// impacts; else all that is neither shaft lines nor filter.
absl::StatusOr<features::Band> EnvelopeBand(features::Band asked, const features::Waveform& record,
                                            int channel, const features::FeatureVector* features);

}  // namespace auscult::server
