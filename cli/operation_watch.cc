#include "cli/operation_watch.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "auscult/v1/model_service.pb.h"
#include "cli/number_format.h"
#include "cli/rescore_text.h"
#include "cli/server_channel.h"

namespace auscult::cli {
namespace {

namespace lro = google::longrunning;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kDeadline{10};
constexpr std::chrono::seconds kPause{1};
constexpr std::chrono::seconds kPatience{60};

// One line on a terminal, written over again.
class Line {
 public:
  explicit Line(const Terminal& terminal) : terminal_(terminal) {}
  ~Line() {
    if (shown_) terminal_.err << "\r\x1b[K" << std::flush;
  }
  void Show(const std::string& text) {
    if (!terminal_.err_is_terminal) return;
    shown_ = true;
    terminal_.err << "\r" << text << "\x1b[K" << std::flush;
  }

 private:
  const Terminal& terminal_;
  bool shown_ = false;
};

absl::Status ErrorOfOperation(const lro::Operation& operation) {
  if (!operation.has_error()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(operation.error().code()),
                      absl::StrCat(operation.name(), ": ", operation.error().message()));
}

}  // namespace

std::string OperationName(const std::string& text) {
  return text.find('/') == std::string::npos ? absl::StrCat("operations/", text) : text;
}

OperationProgress ProgressOf(const lro::Operation& operation) {
  v1::TrainMetadata train;
  v1::RescoreMetadata rescore;
  if (operation.metadata().UnpackTo(&rescore)) {
    return {ProgressText(rescore), rescore.progress()};
  }
  v1::CompareMetadata compare;
  if (operation.metadata().UnpackTo(&train)) {
    const std::string step = train.step().empty() ? "training waits" : train.step();
    return {absl::StrCat(step, ", ", ShownCount(train.record_count()), " records"),
            train.progress()};
  }
  if (operation.metadata().UnpackTo(&compare)) {
    return {absl::StrCat("comparing, ", ShownCount(compare.record_count()), " records"),
            compare.progress()};
  }
  return {};
}

std::string ProgressLine(const OperationProgress& progress, int width) {
  if (progress.share < 0) return progress.text;
  const int bar_width = std::clamp(width - static_cast<int>(progress.text.size()) - 12, 0, 40);
  const double share = std::clamp(progress.share, 0.0, 1.0);
  std::string bar(static_cast<size_t>(share * bar_width), '#');
  bar.resize(static_cast<size_t>(bar_width), '.');
  return absl::StrFormat("[%s] %3.0f %%  %s", bar, 100 * share, progress.text);
}

absl::StatusOr<lro::Operation> Follow(lro::Operations::Stub& operations, const std::string& name,
                                      const ServerOptions& server, const Terminal& terminal) {
  Line line(terminal);
  lro::WaitOperationRequest request;
  request.set_name(name);
  request.mutable_timeout()->set_seconds(kPause.count());
  Clock::time_point heard = Clock::now();
  for (;;) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
    lro::Operation operation;
    const grpc::Status status = operations.WaitOperation(&context, request, &operation);
    if (status.ok()) {
      heard = Clock::now();
      if (operation.done()) {
        if (absl::Status error = ErrorOfOperation(operation); !error.ok()) return error;
        return operation;
      }
      line.Show(ProgressLine(ProgressOf(operation), terminal.width));
      continue;
    }
    const bool may_pass = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                          status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
    if (!may_pass || Clock::now() - heard > kPatience) return ErrorOf(status, server);
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace auscult::cli
