#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "cli/recording.h"

namespace auscult::cli {

// A recording from a MATLAB file (v4, v5, v7, v7.3), by libmatio in a process of its own. Channels
// are the longest real vectors or matrices, those of structs too ("bearing.gs"); the rest is looked
// through for what it says of them: sampling rate (fs, sr, SampleFrequency, ...), speed (anything
// that ends in rpm), a time vector (t, time). Known without being told: CWRU (X105_DE_time in g,
// X105RPM), MFPT (bearing.gs in g, bearing.sr, bearing.rate in Hz), UESTC (Data, SampleFrequency).
// INVALID_ARGUMENT lists the variables where none is a recording.
absl::StatusOr<Recording> ReadMat(const std::string& path);

}  // namespace auscult::cli
