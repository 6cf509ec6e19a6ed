#pragma once

#include "cli/command.h"

namespace auscult::cli {

// Runs `auscult` with these arguments: 0 = done, 1 = failed, 2 = wrong use. Complaints go to
// `terminal.err`, each with what is wrong and what to do.
int RunCommandLine(int argc, const char* const* argv, const Terminal& terminal);

}  // namespace auscult::cli
