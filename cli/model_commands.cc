#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "auscult/v1/model_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/file_bytes.h"
#include "cli/message_json.h"
#include "cli/model_text.h"
#include "cli/model_work.h"
#include "cli/server_channel.h"

namespace auscult::cli {
namespace {

using Stub = v1::ModelService::Stub;

constexpr char kModel[] = "models/diagnosis";
constexpr int64_t kMaxModelBytes = 16 << 20;

// A call that answers at once.
template <typename Request, typename Response>
absl::StatusOr<Response> Call(const ServerOptions& server,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                           Response*),
                              const Request& request) {
  return Ask<v1::ModelService>(server, method, request);
}

absl::Status RunList(const ModelOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  v1::ListModelVersionsRequest request;
  request.set_parent(kModel);
  v1::ListModelVersionsResponse all;
  do {
    const auto page = Call(server, &Stub::ListModelVersions, request);
    if (!page.ok()) return page.status();
    all.mutable_versions()->MergeFrom(page->versions());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << MessageJson(all);
  } else {
    PrintModelVersions(all, terminal);
  }
  return absl::OkStatus();
}

// A version that a call answered: all of it as JSON, or one sentence.
absl::Status Tell(const absl::StatusOr<v1::ModelVersion>& version, const std::string& sentence,
                  const ModelOptions& options, const Terminal& terminal) {
  if (!version.ok()) return version.status();
  if (options.json) {
    terminal.out << MessageJson(*version);
  } else {
    terminal.out << version->name() << " " << sentence << "\n";
  }
  return absl::OkStatus();
}

absl::Status RunShow(const ModelOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  v1::GetModelVersionRequest request;
  request.set_name(ModelVersionName(options.version));
  const auto version = Call(server, &Stub::GetModelVersion, request);
  if (!version.ok()) return version.status();
  PrintModelVersion(*version, options.json, terminal);
  return absl::OkStatus();
}

absl::Status RunImport(const ModelOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  absl::StatusOr<std::string> file = ReadFileBytes(options.file, kMaxModelBytes);
  if (!file.ok()) return file.status();
  v1::ImportModelVersionRequest request;
  request.set_parent(kModel);
  request.set_description(options.description);
  request.set_file(*std::move(file));
  return Tell(Call(server, &Stub::ImportModelVersion, request),
              "is stored. It judges nothing until it is activated.", options, terminal);
}

absl::Status RunActivate(const ModelOptions& options, const ServerOptions& server,
                         const Terminal& terminal) {
  v1::ActivateModelVersionRequest request;
  request.set_name(ModelVersionName(options.version));
  request.set_actor(options.actor);
  return Tell(Call(server, &Stub::ActivateModelVersion, request), "judges the records from now on.",
              options, terminal);
}

absl::Status RunRollback(const ModelOptions& options, const ServerOptions& server,
                         const Terminal& terminal) {
  v1::RollbackModelRequest request;
  request.set_name(kModel);
  request.set_actor(options.actor);
  return Tell(Call(server, &Stub::RollbackModel, request), "judges again.", options, terminal);
}

absl::Status RunDelete(const ModelOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  v1::DeleteModelVersionRequest request;
  request.set_name(ModelVersionName(options.version));
  const auto response = Call(server, &Stub::DeleteModelVersion, request);
  if (!response.ok()) return response.status();
  terminal.out << request.name() << " is deleted.\n";
  return absl::OkStatus();
}

using Run = absl::Status (*)(const ModelOptions&, const ServerOptions&, const Terminal&);

// One command below `models`.
class Subcommands {
 public:
  Subcommands(CLI::App* parent, const ServerOptions& server, Action& chosen)
      : parent_(parent), server_(server), chosen_(chosen) {}

  std::pair<CLI::App*, std::shared_ptr<ModelOptions>> Add(const char* name, const char* help,
                                                          Run run) {
    auto options = std::make_shared<ModelOptions>();
    CLI::App* command = parent_->add_subcommand(name, help);
    command->add_flag("--json", options->json, "Print one JSON object");
    command->callback([options, run, &server = server_, &chosen = chosen_] {
      chosen = [options, run, &server](const Terminal& terminal) {
        return run(*options, server, terminal);
      };
    });
    return {command, options};
  }

  std::pair<CLI::App*, std::shared_ptr<ModelOptions>> AddOfVersion(const char* name,
                                                                   const char* help, Run run) {
    auto added = Add(name, help, run);
    added.first->add_option("VERSION", added.second->version, "3, or physics")->required();
    return added;
  }

 private:
  CLI::App* const parent_;
  const ServerOptions& server_;
  Action& chosen_;
};

void AddActor(CLI::App* command, ModelOptions& options) {
  command->add_option("--actor", options.actor, "Who does it, for the record");
}

void AddWork(Subcommands& commands) {
  const auto [train, training] = commands.Add(
      "train", "Train a new version from stored records whose state is known.", RunTrain);
  train
      ->add_option(
          "--label", training->labels,
          "POINT:FROM:TO:FAULT, as demo/pump-1/de:2026-03-01:2026-03-08:healthy; the fault "
          "as in the verdicts. Times may hold colons. Repeat it for each period")
      ->take_all();
  train->add_flag("--use-findings", training->use_findings,
                  "Also learn from cases that were closed with a finding");
  train->add_option("--description", training->description, "What it is, for people");
  train->add_option("--seed", training->seed, "The same seed and records give the same model");
  train->add_flag("--no-wait", training->no_wait, "Print the operation and go");
  const auto [compare, comparing] = commands.AddOfVersion(
      "compare", "Show what would have been different with another version.", RunCompare);
  compare->add_option("--base", comparing->base, "Compare with this; without it, what is active");
  compare->add_option("--from", comparing->from, "Begin of the period")->required();
  compare->add_option("--to", comparing->to, "End of the period; without it, now");
  compare->add_option("--scope", comparing->scope, "A site, an asset or a point; without it, all");
  compare->add_flag("--no-wait", comparing->no_wait, "Print the operation and go");
}

}  // namespace

void AddModels(CLI::App& app, const ServerOptions& server, Action& chosen) {
  CLI::App* models = app.add_subcommand(
      "models", "Versions of the learnt classifier: list, compare, activate, roll back, train.");
  models->require_subcommand(1);
  Subcommands commands(models, server, chosen);
  commands.Add("list", "Show the versions, latest first.", RunList);
  commands.AddOfVersion("show", "Show one: what it says, how it was made and measured.", RunShow);
  const auto [import, importing] =
      commands.Add("import", "Store a file of `auscult train` as a new version.", RunImport);
  import->add_option("FILE", importing->file, "Model file")->required();
  import->add_option("--description", importing->description, "What it is, for people");
  const auto [activate, activating] =
      commands.AddOfVersion("activate", "Judge records by it from now on.", RunActivate);
  AddActor(activate, *activating);
  const auto [rollback, rolling] =
      commands.Add("rollback", "Take the latest activation back.", RunRollback);
  AddActor(rollback, *rolling);
  commands.AddOfVersion("delete", "Delete a version that is not active.", RunDelete);
  AddWork(commands);
}

}  // namespace auscult::cli
