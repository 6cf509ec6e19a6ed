#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace auscult::features {

// How samples lie in a byte string. Little-endian, no padding.
enum class Encoding : unsigned char { kFloat32Le = 1, kInt16Le = 2, kInt32Le = 3 };

// "FLOAT32_LE", "INT16_LE", "INT32_LE", and back; nullopt for any other name.
std::string_view EncodingName(Encoding encoding);
std::optional<Encoding> EncodingNamed(std::string_view name);
// Octets of a sample; 0 for what is no encoding.
size_t SampleBytes(Encoding encoding);

// value = raw * scale + offset, in the sender's unit.
struct Calibration {
  double scale = 1.0;
  double offset = 0.0;
};

// Appends the decoded samples to `out`, as (raw * scale + offset) * to_si. INVALID_ARGUMENT if the
// byte count is no multiple of the sample size, or scale, offset or to_si is not finite or scale is
// 0. Values are not checked here: Waveform::Create does that once for all sources.
absl::Status DecodeSamples(std::string_view bytes, Encoding encoding, Calibration calibration,
                           double to_si, std::vector<float>& out);

}  // namespace auscult::features
