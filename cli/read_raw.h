#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/record_file.h"
#include "cli/sidecar.h"

namespace auscult::cli {

// Raw little-endian samples, gzip-compressed or not, as `sidecar` describes them. DATA_LOSS where
// the bytes do not divide into the records described.
absl::StatusOr<std::unique_ptr<RecordFile>> OpenRaw(const std::string& path, Sidecar sidecar);

}  // namespace auscult::cli
