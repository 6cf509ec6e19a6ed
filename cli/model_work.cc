#include "cli/model_work.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "auscult/v1/model_service.grpc.pb.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/model_text.h"
#include "cli/operation_watch.h"
#include "cli/plant_file.h"
#include "cli/server_channel.h"
#include "cli/time_option.h"
#include "models/fault.h"

namespace auscult::cli {
namespace {

namespace lro = google::longrunning;

absl::Status BadLabel(const std::string& text, const std::string& why) {
  return WrongUse(absl::StrCat("--label \"", text, "\": ", why,
                               "; write POINT:FROM:TO:FAULT, as "
                               "demo/pump-1/de:2026-03-01:2026-03-08:healthy"));
}

// The two times of "2026-03-01T06:00:00Z:2026-03-02": the only colon that leaves a time on both
// sides.
struct Times {
  absl::Time from, to;
};
std::optional<Times> SplitTimes(const std::string& text) {
  for (size_t colon = text.find(':'); colon != std::string::npos;
       colon = text.find(':', colon + 1)) {
    const auto from = ParseTimeOption("", text.substr(0, colon));
    const auto to = ParseTimeOption("", text.substr(colon + 1));
    if (from.ok() && to.ok()) return Times{*from, *to};
  }
  return std::nullopt;
}

// Follows what `begun` began; its answer as a Message.
template <typename Message>
absl::StatusOr<Message> Result(const std::shared_ptr<grpc::Channel>& channel,
                               const lro::Operation& begun, const ServerOptions& server,
                               const Terminal& terminal) {
  const auto operations = lro::Operations::NewStub(channel);
  const auto done = Follow(*operations, begun.name(), server, terminal);
  if (!done.ok()) return done.status();
  Message message;
  if (done->response().UnpackTo(&message)) return message;
  return absl::InternalError(absl::StrCat(begun.name(),
                                          " answered something else; is the server "
                                          "of another release?"));
}

void PrintBegun(const lro::Operation& operation, const ModelOptions& options,
                const Terminal& terminal) {
  if (options.json) {
    terminal.out << MessageJson(operation);
  } else {
    terminal.out << operation.name() << " has begun; \"auscult operations watch "
                 << operation.name() << "\" follows it.\n";
  }
}

absl::StatusOr<v1::CompareModelVersionsRequest> ComparisonOf(const ModelOptions& options) {
  v1::CompareModelVersionsRequest request;
  request.set_candidate(ModelVersionName(options.version));
  if (!options.base.empty()) request.set_base(ModelVersionName(options.base));
  request.set_scope(options.scope.empty() ? "sites/-" : ResourceName(options.scope));
  const auto from = ParseTimeOption("--from", options.from);
  if (!from.ok()) return from.status();
  absl::StatusOr<absl::Time> to = absl::Now();
  if (!options.to.empty()) to = ParseTimeOption("--to", options.to);
  if (!to.ok()) return to.status();
  *request.mutable_start_time() = TimestampOf(*from);
  *request.mutable_end_time() = TimestampOf(*to);
  return request;
}

}  // namespace

absl::StatusOr<v1::LabelledPeriod> ParseLabel(const std::string& text) {
  const size_t first = text.find(':'), last = text.rfind(':');
  if (first == std::string::npos || first == last)
    return BadLabel(text, "there are not four parts");
  v1::LabelledPeriod label;
  label.set_point(ResourceName(text.substr(0, first)));
  const auto times = SplitTimes(text.substr(first + 1, last - first - 1));
  if (!times) return BadLabel(text, "there are no two times in it");
  *label.mutable_start_time() = TimestampOf(times->from);
  *label.mutable_end_time() = TimestampOf(times->to);
  const std::string fault = text.substr(last + 1);
  const auto known = models::ParseFault(fault);
  if (!known) return BadLabel(text, absl::StrCat("\"", fault, "\" is no fault"));
  label.set_fault(static_cast<v1::Fault>(static_cast<int>(*known) + 1));
  return label;
}

absl::Status RunTrain(const ModelOptions& options, const ServerOptions& server,
                      const Terminal& terminal) {
  v1::TrainModelRequest request;
  request.set_parent("models/diagnosis");
  for (const std::string& text : options.labels) {
    absl::StatusOr<v1::LabelledPeriod> label = ParseLabel(text);
    if (!label.ok()) return label.status();
    *request.add_labels() = *std::move(label);
  }
  request.set_use_findings(options.use_findings);
  request.set_description(options.description);
  request.set_seed(options.seed);
  const auto channel = OpenChannel(server);
  grpc::ClientContext context;
  SetReadDeadline(context);
  lro::Operation operation;
  const grpc::Status status =
      v1::ModelService::NewStub(channel)->TrainModel(&context, request, &operation);
  if (!status.ok()) return ErrorOf(status, server);
  if (options.no_wait) {
    PrintBegun(operation, options, terminal);
    return absl::OkStatus();
  }
  const auto version = Result<v1::ModelVersion>(channel, operation, server, terminal);
  if (!version.ok()) return version.status();
  PrintModelVersion(*version, options.json, terminal);
  return absl::OkStatus();
}

absl::Status RunCompare(const ModelOptions& options, const ServerOptions& server,
                        const Terminal& terminal) {
  const auto request = ComparisonOf(options);
  if (!request.ok()) return request.status();
  const auto channel = OpenChannel(server);
  grpc::ClientContext context;
  SetReadDeadline(context);
  lro::Operation operation;
  const grpc::Status status =
      v1::ModelService::NewStub(channel)->CompareModelVersions(&context, *request, &operation);
  if (!status.ok()) return ErrorOf(status, server);
  if (options.no_wait) {
    PrintBegun(operation, options, terminal);
    return absl::OkStatus();
  }
  const auto comparison = Result<v1::ModelComparison>(channel, operation, server, terminal);
  if (!comparison.ok()) return comparison.status();
  if (options.json) {
    terminal.out << MessageJson(*comparison);
  } else {
    PrintComparison(*comparison, terminal);
  }
  return absl::OkStatus();
}

}  // namespace auscult::cli
