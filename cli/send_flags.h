#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/waveform_message.h"

namespace auscult::cli {

// What every command takes that sends recordings: --channel, --rate-hz, --unit, --speed-rpm,
// --load-percent and --sidecar, under the heading `group` of its help. Both are to outlive it.
void AddSendFlags(CLI::App& command, SendOptions& send, std::string& sidecar,
                  const std::string& group = "Options");

}  // namespace auscult::cli
