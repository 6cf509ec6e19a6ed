#include "features/decode.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace auscult::features {
namespace {

static_assert(std::endian::native == std::endian::little,
              "samples are little-endian on the wire and copied as they are");

template <typename Raw>
void Append(std::string_view bytes, double scale, double offset, std::vector<float>& out) {
  const size_t count = bytes.size() / sizeof(Raw);
  const size_t first = out.size();
  out.resize(first + count);
  float* const target = out.data() + first;
  for (size_t i = 0; i < count; ++i) {
    Raw raw;
    std::memcpy(&raw, bytes.data() + i * sizeof(Raw), sizeof(Raw));
    target[i] = static_cast<float>(static_cast<double>(raw) * scale + offset);
  }
}

absl::Status CheckCalibration(const Calibration& calibration, double to_si) {
  if (!std::isfinite(calibration.scale) || calibration.scale == 0) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "scale is %g; send the factor from raw value to unit, neither 0 nor infinite",
        calibration.scale));
  }
  if (!std::isfinite(calibration.offset)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("offset is %g; send a finite number, 0 for none", calibration.offset));
  }
  if (!std::isfinite(to_si)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("the factor from unit to SI is %g; it must be finite", to_si));
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view EncodingName(Encoding encoding) {
  switch (encoding) {
    case Encoding::kFloat32Le:
      return "FLOAT32_LE";
    case Encoding::kInt16Le:
      return "INT16_LE";
    case Encoding::kInt32Le:
      return "INT32_LE";
  }
  return "";
}

std::optional<Encoding> EncodingNamed(std::string_view name) {
  for (const Encoding encoding : {Encoding::kFloat32Le, Encoding::kInt16Le, Encoding::kInt32Le}) {
    if (EncodingName(encoding) == name) return encoding;
  }
  return std::nullopt;
}

size_t SampleBytes(Encoding encoding) {
  switch (encoding) {
    case Encoding::kFloat32Le:
    case Encoding::kInt32Le:
      return 4;
    case Encoding::kInt16Le:
      return 2;
  }
  return 0;
}

absl::Status DecodeSamples(std::string_view bytes, Encoding encoding, Calibration calibration,
                           double to_si, std::vector<float>& out) {
  const size_t sample_size = SampleBytes(encoding);
  if (sample_size == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("encoding ", static_cast<int>(encoding),
                     " is not known; use FLOAT32_LE, INT16_LE or INT32_LE"));
  }
  if (bytes.size() % sample_size != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(bytes.size(), " bytes of samples are no multiple of the ", sample_size,
                     " bytes of one sample; check the encoding and that the record is complete"));
  }
  if (absl::Status status = CheckCalibration(calibration, to_si); !status.ok()) return status;
  const double scale = calibration.scale * to_si;
  const double offset = calibration.offset * to_si;
  switch (encoding) {
    case Encoding::kFloat32Le:
      Append<float>(bytes, scale, offset, out);
      break;
    case Encoding::kInt16Le:
      Append<int16_t>(bytes, scale, offset, out);
      break;
    case Encoding::kInt32Le:
      Append<int32_t>(bytes, scale, offset, out);
      break;
  }
  return absl::OkStatus();
}

}  // namespace auscult::features
