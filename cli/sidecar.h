#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "features/decode.h"

namespace auscult::cli {

// What a file of raw samples holds, as told by a small YAML or JSON file beside it:
//
//   encoding: int16_le         # int16_le, int32_le or float32_le
//   rate_hz: 25600
//   channels: [H, V]           # interleaved sample by sample; absent: one
//   scale: 0.002               # value = raw * scale + offset, absent: 1 and 0
//   unit: g
//   record_samples: 2560       # of each channel; absent: the file is one record. Or `records`: how
//   many record_interval_s: 10      # between the starts of two records start: 2010-12-01T06:00:00Z
//   speed_rpm: 1800
//   load_percent: 80
struct Sidecar {
  features::Encoding encoding = features::Encoding::kFloat32Le;
  double rate_hz = 0;  // 0 = not said
  std::vector<std::string> channels = {""};
  features::Calibration calibration;
  std::string unit;
  int64_t record_samples = 0;    // 0 = not said
  int64_t records = 0;           // 0 = not said
  double record_interval_s = 0;  // 0 = not said
  std::optional<absl::Time> start;
  float speed_rpm = std::numeric_limits<float>::quiet_NaN();
  float load_percent = std::numeric_limits<float>::quiet_NaN();
};

// "int16_le", "int32_le" or "float32_le", each also without "_le"; nothing for any other.
std::optional<features::Encoding> ParseEncoding(std::string_view name);

// INVALID_ARGUMENT names line, column and key; an unknown key comes with the nearest known one.
absl::StatusOr<Sidecar> ReadSidecar(const std::string& path);

// FILE.json, FILE.yaml or FILE.yml, also with the endings of FILE taken off one by one
// ("b.i16.gz": b.i16.gz.json, b.i16.json, b.json); "" where there is none.
std::string FindSidecar(const std::string& path);

}  // namespace auscult::cli
