#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "auscult/v1/rescore_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/operation_watch.h"
#include "cli/plant_file.h"
#include "cli/rescore_text.h"
#include "cli/server_channel.h"
#include "cli/time_option.h"

namespace auscult::cli {
namespace {

namespace lro = google::longrunning;
using Stub = v1::RescoreService::Stub;

struct RescoreOptions {
  std::string name, scope, from, to, model, source, description;
  bool learn_again = false, adopt = false, only_stale = false, no_wait = false, json = false;
};

// A call that answers at once.
template <typename Request, typename Response>
absl::StatusOr<Response> Call(const ServerOptions& server,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request) {
  const auto stub = v1::RescoreService::NewStub(OpenChannel(server));
  grpc::ClientContext context;
  SetReadDeadline(context);
  Response response;
  const grpc::Status status = ((*stub).*method)(&context, request, &response);
  if (!status.ok()) return ErrorOf(status, server);
  return response;
}

std::string RescoreName(const std::string& text) {
  return text.find('/') == std::string::npos ? absl::StrCat("rescores/", text) : text;
}

template <typename Message>
absl::Status Tell(const absl::StatusOr<Message>& message, const RescoreOptions& options,
                  const Terminal& terminal) {
  if (!message.ok()) return message.status();
  if (options.json) {
    terminal.out << MessageJson(*message);
  } else {
    Print(*message, terminal);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::StartRescoreRequest> RequestOf(const RescoreOptions& options) {
  v1::StartRescoreRequest request;
  request.set_scope(options.scope.empty() ? "sites/-" : ResourceName(options.scope));
  for (const auto& [option, text, time] :
       {std::tuple("--from", &options.from, true), std::tuple("--to", &options.to, false)}) {
    if (text->empty()) continue;
    const auto parsed = ParseTimeOption(option, *text);
    if (!parsed.ok()) return parsed.status();
    *(time ? request.mutable_start_time() : request.mutable_end_time()) = TimestampOf(*parsed);
  }
  v1::RescorePlan& plan = *request.mutable_plan();
  if (!options.model.empty()) {
    const bool whole = options.model.find('/') != std::string::npos;
    plan.set_model(whole ? options.model
                         : absl::StrCat("models/diagnosis/versions/", options.model));
  }
  if (options.source == "features") plan.set_source(v1::RescorePlan::SOURCE_FEATURES);
  if (options.source == "samples") plan.set_source(v1::RescorePlan::SOURCE_SAMPLES);
  if (options.learn_again) plan.set_baseline(v1::RescorePlan::BASELINE_LEARN_AGAIN);
  plan.set_adopt(options.adopt);
  plan.set_only_stale(options.only_stale);
  request.set_description(options.description);
  return request;
}

absl::Status RunStart(const RescoreOptions& options, const ServerOptions& server,
                      const Terminal& terminal) {
  const auto request = RequestOf(options);
  if (!request.ok()) return request.status();
  const auto operation = Call(server, &Stub::StartRescore, *request);
  if (!operation.ok()) return operation.status();
  const std::string name =
      absl::StrCat("rescores/", operation->name().substr(operation->name().find('/') + 1));
  if (!options.no_wait) {
    const auto operations = lro::Operations::NewStub(OpenChannel(server));
    const auto done = Follow(*operations, operation->name(), server, terminal);
    if (!done.ok()) return done.status();
  }
  v1::GetRescoreRequest get;
  get.set_name(name);
  return Tell(Call(server, &Stub::GetRescore, get), options, terminal);
}

absl::Status RunList(const RescoreOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  v1::ListRescoresRequest request;
  v1::ListRescoresResponse all;
  do {
    const auto page = Call(server, &Stub::ListRescores, request);
    if (!page.ok()) return page.status();
    all.mutable_rescores()->MergeFrom(page->rescores());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return Tell<v1::ListRescoresResponse>(all, options, terminal);
}

absl::Status RunStale(const RescoreOptions& options, const ServerOptions& server,
                      const Terminal& terminal) {
  v1::ListStaleResultsRequest request;
  request.set_parent(ResourceName(options.scope));
  v1::ListStaleResultsResponse all;
  do {
    const auto page = Call(server, &Stub::ListStaleResults, request);
    if (!page.ok()) return page.status();
    all.mutable_results()->MergeFrom(page->results());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return Tell<v1::ListStaleResultsResponse>(all, options, terminal);
}

// Of methods that take a name and answer the re-scoring.
template <typename Request>
absl::Status RunNamed(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                   v1::Rescore*),
                      const RescoreOptions& options, const ServerOptions& server,
                      const Terminal& terminal) {
  Request request;
  request.set_name(RescoreName(options.name));
  return Tell(Call(server, method, request), options, terminal);
}

absl::Status RunShow(const RescoreOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  return RunNamed(&Stub::GetRescore, options, server, terminal);
}
absl::Status RunPause(const RescoreOptions& options, const ServerOptions& server,
                      const Terminal& terminal) {
  return RunNamed(&Stub::PauseRescore, options, server, terminal);
}
absl::Status RunResume(const RescoreOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  return RunNamed(&Stub::ResumeRescore, options, server, terminal);
}
absl::Status RunAdopt(const RescoreOptions& options, const ServerOptions& server,
                      const Terminal& terminal) {
  return RunNamed(&Stub::AdoptRescore, options, server, terminal);
}
absl::Status RunRevert(const RescoreOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  return RunNamed(&Stub::RevertRescore, options, server, terminal);
}

absl::Status RunCancel(const RescoreOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  const std::string name = RescoreName(options.name);
  lro::CancelOperationRequest request;
  request.set_name(absl::StrCat("operations/", name.substr(name.find('/') + 1)));
  const auto stub = lro::Operations::NewStub(OpenChannel(server));
  grpc::ClientContext context;
  SetReadDeadline(context);
  google::protobuf::Empty response;
  const grpc::Status status = stub->CancelOperation(&context, request, &response);
  if (!status.ok()) return ErrorOf(status, server);
  return RunShow(options, server, terminal);
}

absl::Status RunDelete(const RescoreOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  v1::DeleteRescoreRequest request;
  request.set_name(RescoreName(options.name));
  const auto deleted = Call(server, &Stub::DeleteRescore, request);
  if (!deleted.ok()) return deleted.status();
  terminal.out << request.name() << " is deleted.\n";
  return absl::OkStatus();
}

using Run = absl::Status (*)(const RescoreOptions&, const ServerOptions&, const Terminal&);

void AddStartOptions(CLI::App& start, RescoreOptions& options) {
  start.add_option("SCOPE", options.scope, "Site, asset or point; all where it is left out");
  start.add_option("--from", options.from, "First record; default: the very first");
  start.add_option("--to", options.to, "Records before this time; default: now");
  start.add_option("--model", options.model, "Version that judges; default: the active one");
  start
      .add_option("--source", options.source,
                  "features: as they are stored; samples: extracted again, records without them "
                  "left out; auto: samples where that makes a difference and they are kept")
      ->check(CLI::IsMember({"auto", "features", "samples"}));
  start.add_flag("--learn-again", options.learn_again,
                 "Learn baselines from the period itself, not by the active ones");
  start.add_flag("--adopt", options.adopt, "Let the results count once all are there");
  start.add_flag("--only-stale", options.only_stale, "Only what `auscult rescore stale` lists");
  start.add_option("--description", options.description, "What it is for");
  start.add_flag("--no-wait", options.no_wait, "Do not wait until it is done");
}

}  // namespace

void AddRescore(CLI::App& app, const ServerOptions& server, Action& chosen) {
  CLI::App* command = app.add_subcommand(
      "rescore", "Judge stored history again, beside what was found before, until it is adopted.");
  command->require_subcommand(1);
  const auto add = [command, &server, &chosen](const char* name, const char* help, Run run) {
    auto options = std::make_shared<RescoreOptions>();
    CLI::App* sub = command->add_subcommand(name, help);
    sub->add_flag("--json", options->json, "Print one JSON object");
    sub->callback([options, run, &server, &chosen] {
      chosen = [options, run, &server](const Terminal& terminal) {
        return run(*options, server, terminal);
      };
    });
    return std::pair(sub, options);
  };
  const auto [start, start_options] =
      add("start", "Begin, and wait with a progress bar.", RunStart);
  AddStartOptions(*start, *start_options);
  add("list", "Show them, latest first.", RunList);
  const auto [stale, stale_options] =
      add("stale", "Show results that a later change has touched.", RunStale);
  stale->add_option("SITE", stale_options->scope, "Site")->required();
  for (const auto& [name, help, run] :
       {std::tuple("show", "Show one.", Run(RunShow)),
        std::tuple("pause", "Let it rest after its present step.", Run(RunPause)),
        std::tuple("resume", "Go on with it.", Run(RunResume)),
        std::tuple("cancel", "End it at its next step.", Run(RunCancel)),
        std::tuple("adopt", "Let its results count.", Run(RunAdopt)),
        std::tuple("revert", "Let what counted before count again.", Run(RunRevert)),
        std::tuple("delete", "Delete its results.", Run(RunDelete))}) {
    const auto [sub, options] = add(name, help, run);
    sub->add_option("RESCORE", options->name, "rescores/12, or 12")->required();
  }
}

}  // namespace auscult::cli
