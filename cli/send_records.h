#pragma once

#include <memory>

#include "absl/status/status.h"
#include "cli/record_source.h"
#include "cli/waveform_sender.h"

namespace CLI {
class App;
}

namespace auscult::cli {

// The options of a command that sends records.
void AddSendingOptions(CLI::App& command, WaveformSender::Limits& limits, bool& json);

// Streams all records of a source to a server and prints what became of them. A file that cannot be
// read is counted and passed over. FAILED_PRECONDITION where records were not stored.
absl::Status SendRecords(RecordSource& source, const std::shared_ptr<grpc::Channel>& channel,
                         const ServerOptions& server, WaveformSender::Limits limits, bool json,
                         const Terminal& terminal);

}  // namespace auscult::cli
