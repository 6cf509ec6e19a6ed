#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "cli/recording.h"

namespace auscult::cli {

// A recording from a text table: one row a sample, one column a channel. Recognised without being
// told: delimiter, decimal comma, header, units ("I (A)" or a row of units), a column of times
// (seconds, or another unit that its name says, clock times, dates), which gives the rate, a column
// that counts rows, columns of words (left out), and the two layouts of public run-to-failure sets:
// FEMTO (hour, minute, second, microsecond, horizontal, vertical; IEEE PHM 2012) and IMS (4 or 8
// tab-separated columns, the file named by its time, 20 kHz; NASA Prognostics Data Repository).
// `file_name` is without its folder. INVALID_ARGUMENT names line and column.
absl::StatusOr<Recording> ReadCsv(std::string_view text, std::string_view file_name);

}  // namespace auscult::cli
