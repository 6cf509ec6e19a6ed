#pragma once

#include <google/longrunning/operations.grpc.pb.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/command.h"
#include "cli/commands.h"

namespace auscult::cli {

// "operations/12" of what a person typed: that, or 12.
std::string OperationName(const std::string& text);

// What an operation says of itself: "training, 1,204 records", and how far it is, 0 to 1; below 0
// where it does not say.
struct OperationProgress {
  std::string text;
  double share = -1;
};
OperationProgress ProgressOf(const google::longrunning::Operation& operation);

// "[####......]  42 %  training, 1,204 records"
std::string ProgressLine(const OperationProgress& progress, int width);

// Waits until the operation is done, with a progress bar on a terminal. The operation's own error
// becomes the status. A server that restarts meanwhile is waited for.
absl::StatusOr<google::longrunning::Operation> Follow(
    google::longrunning::Operations::Stub& operations, const std::string& name,
    const ServerOptions& server, const Terminal& terminal);

}  // namespace auscult::cli
