#pragma once

#include "cli/commands.h"

namespace auscult::cli {

// Adds `auscult forward` as commands.h describes it.
void AddForward(CLI::App& app, const ServerOptions& server, Action& chosen);

}  // namespace auscult::cli
