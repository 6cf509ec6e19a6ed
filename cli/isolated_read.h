#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cli/recording.h"

namespace auscult::cli {

// Runs `read` in a child process that may not take much memory or time, so that a library that
// crashes or hangs on a damaged file takes nothing with it: the caller gets DATA_LOSS instead. Not
// for readers that need other threads.
absl::StatusOr<Recording> ReadIsolated(const std::function<absl::StatusOr<Recording>()>& read);

// How the recording comes back: bytes that only the same program reads. Parse trusts nothing.
std::string SerializeRecording(const Recording& recording);
absl::StatusOr<Recording> ParseRecording(std::string_view bytes);

}  // namespace auscult::cli
