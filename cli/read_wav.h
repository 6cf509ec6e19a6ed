#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/recording.h"

namespace auscult::cli {

// A recording from WAV, RF64, AIFF or FLAC, by libsndfile. Integer samples become -1..1 of full
// scale, so that they carry no unit; channels have no names where there is one, else "1", "2", ...
// INVALID_ARGUMENT for what is no such file, DATA_LOSS for one that ends early.
absl::StatusOr<Recording> ReadWav(const std::string& path);

}  // namespace auscult::cli
