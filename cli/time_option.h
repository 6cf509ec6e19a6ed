#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace auscult::cli {

// "2026-03-01T14:05:00Z", "2026-03-01 14:05:00" or "2026-03-01", the latter two by the clock of the
// terminal; wrong use names the option.
absl::StatusOr<absl::Time> ParseTimeOption(const std::string& option, const std::string& text);

}  // namespace auscult::cli
