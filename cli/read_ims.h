#pragma once

#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "cli/number_table.h"
#include "cli/recording.h"

namespace auscult::cli {

// "2003.10.22.12.06.24", as the files of the IMS run-to-failure tests are named, as UTC.
std::optional<absl::Time> TimeOfImsName(std::string_view file_name);

// True for the table of such a file: its name, no header, 4 or 8 columns of numbers.
bool IsImsTable(const NumberTable& table, std::string_view file_name);

// Channels "B1x", "B1y", .. or "B1".."B4" in g, 20 kHz, 2,000 rpm, as the set's description says.
Recording RecordingOfImsTable(NumberTable table, std::string_view file_name);

}  // namespace auscult::cli
