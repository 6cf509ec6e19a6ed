#pragma once

#include <string>

#include "cli/command.h"

namespace CLI {
class App;
}

namespace auscult::cli {

// Leaves the status where `auscult forward status` finds it. Where there is no room, the old one
// stays.
void WriteForwardStatus(const std::string& spool, const std::string& json);

// The command that shows it.
void AddForwardStatus(CLI::App& group, Action& chosen);

}  // namespace auscult::cli
