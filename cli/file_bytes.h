#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace auscult::cli {

// No recording is larger than this once it is unpacked; what is larger is refused, not swallowed.
inline constexpr int64_t kMaxFileBytes = int64_t{2} << 30;

// NOT_FOUND, PERMISSION_DENIED or FAILED_PRECONDITION (a folder, a device) naming the path where it
// is no file that can be read.
absl::Status CheckIsFile(const std::string& path);

// Whole content of a file; one that is gzip-compressed is unpacked. Fails as CheckIsFile does, and
// with DATA_LOSS (damaged gzip) or FAILED_PRECONDITION (too large), all naming the file.
absl::StatusOr<std::string> ReadFileBytes(const std::string& path, int64_t limit = kMaxFileBytes);

// The first bytes of a file, unpacked as ReadFileBytes does, at most `count`; "" where it cannot be
// read.
std::string ReadFirstBytes(const std::string& path, int count);

}  // namespace auscult::cli
