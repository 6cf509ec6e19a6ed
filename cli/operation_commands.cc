#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/message_json.h"
#include "cli/operation_watch.h"
#include "cli/server_channel.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

namespace lro = google::longrunning;

struct OperationOptions {
  std::string name;
  bool running = false;
  bool json = false;
};

std::string StateOf(const lro::Operation& operation) {
  if (!operation.done()) return "running";
  if (!operation.has_error()) return "done";
  return operation.error().code() == static_cast<int>(absl::StatusCode::kCancelled) ? "cancelled"
                                                                                    : "failed";
}

void PrintOperations(const lro::ListOperationsResponse& response, const Terminal& terminal) {
  if (response.operations().empty()) {
    terminal.out << "No operations.\n";
    return;
  }
  Table table({{"operation"}, {"state"}, {"progress", Align::kRight}, {"what"}});
  for (const lro::Operation& operation : response.operations()) {
    const OperationProgress progress = ProgressOf(operation);
    table.AddRow({operation.name(), StateOf(operation),
                  progress.share < 0 ? "" : absl::StrFormat("%.0f %%", 100 * progress.share),
                  operation.has_error() ? operation.error().message() : progress.text});
  }
  terminal.out << table.Render();
}

absl::Status RunList(const OperationOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  const auto stub = lro::Operations::NewStub(OpenChannel(server));
  lro::ListOperationsRequest request;
  if (options.running) request.set_filter("done = false");
  lro::ListOperationsResponse all;
  do {
    grpc::ClientContext context;
    SetReadDeadline(context);
    lro::ListOperationsResponse page;
    const grpc::Status status = stub->ListOperations(&context, request, &page);
    if (!status.ok()) return ErrorOf(status, server);
    request.set_page_token(page.next_page_token());
    all.mutable_operations()->MergeFrom(page.operations());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << MessageJson(all);
  } else {
    PrintOperations(all, terminal);
  }
  return absl::OkStatus();
}

absl::Status RunWatch(const OperationOptions& options, const ServerOptions& server,
                      const Terminal& terminal) {
  const auto stub = lro::Operations::NewStub(OpenChannel(server));
  const auto operation = Follow(*stub, OperationName(options.name), server, terminal);
  if (!operation.ok()) return operation.status();
  if (options.json) {
    terminal.out << MessageJson(*operation);
  } else {
    terminal.out << operation->name() << " is done.\n";
  }
  return absl::OkStatus();
}

absl::Status RunCancel(const OperationOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  const auto stub = lro::Operations::NewStub(OpenChannel(server));
  grpc::ClientContext context;
  SetReadDeadline(context);
  lro::CancelOperationRequest request;
  request.set_name(OperationName(options.name));
  google::protobuf::Empty response;
  const grpc::Status status = stub->CancelOperation(&context, request, &response);
  if (!status.ok()) return ErrorOf(status, server);
  terminal.out << request.name() << " ends at its next step.\n";
  return absl::OkStatus();
}

using Run = absl::Status (*)(const OperationOptions&, const ServerOptions&, const Terminal&);

}  // namespace

void AddOperations(CLI::App& app, const ServerOptions& server, Action& chosen) {
  CLI::App* command =
      app.add_subcommand("operations", "Long work on the server: list, watch, cancel.");
  command->require_subcommand(1);
  const auto add = [command, &server, &chosen](const char* name, const char* help, Run run) {
    auto options = std::make_shared<OperationOptions>();
    CLI::App* sub = command->add_subcommand(name, help);
    sub->callback([options, run, &server, &chosen] {
      chosen = [options, run, &server](const Terminal& terminal) {
        return run(*options, server, terminal);
      };
    });
    return std::pair(sub, options);
  };
  const auto [list, list_options] =
      add("list", "Show what runs and what ran, latest first.", RunList);
  list->add_flag("--running", list_options->running, "Only what is not done");
  list->add_flag("--json", list_options->json, "Print one JSON object");
  const auto [watch, watch_options] =
      add("watch", "Wait until it is done, with a progress bar.", RunWatch);
  watch->add_option("OPERATION", watch_options->name, "operations/12, or 12")->required();
  watch->add_flag("--json", watch_options->json, "Print one JSON object");
  const auto [cancel, cancel_options] = add("cancel", "End it at its next step.", RunCancel);
  cancel->add_option("OPERATION", cancel_options->name, "operations/12, or 12")->required();
}

}  // namespace auscult::cli
