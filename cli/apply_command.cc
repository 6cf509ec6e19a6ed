#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "auscult/v1/asset_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/plant_file.h"
#include "cli/server_channel.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

struct ApplyOptions {
  std::string file;
  bool dry_run = false;
  bool prune = false;
  bool json = false;
};

// "plant.yaml:41:7: " for the field that the server blames.
std::string PlaceOf(const grpc::Status& status, const PlantFile& plant, const std::string& file) {
  std::string field = BlamedField(status);
  if (field.empty()) return absl::StrCat(file, ": ");
  field = std::string(absl::StripPrefix(absl::StripPrefix(field, "plant"), "."));
  const FilePosition position = PositionOf(plant.positions, field);
  return position.line == 0 ? absl::StrCat(file, ": ")
                            : absl::StrCat(file, ":", position.line, ":", position.column, ": ");
}

struct Mark {
  const char* sign;
  const char* word;
  Colour colour;
};

Mark MarkOf(v1::PlantChange::Action action) {
  switch (action) {
    case v1::PlantChange::ACTION_CREATE:
      return {"+", "create", Colour::kGreen};
    case v1::PlantChange::ACTION_DELETE:
      return {"-", "delete", Colour::kRed};
    default:
      return {"~", "update", Colour::kYellow};
  }
}

void PrintChanges(const v1::ImportPlantResponse& response, const ApplyOptions& options,
                  const Terminal& terminal) {
  int counts[3] = {};
  for (const v1::PlantChange& change : response.changes()) {
    const Mark mark = MarkOf(change.action());
    ++counts[mark.sign[0] == '+' ? 0 : mark.sign[0] == '~' ? 1 : 2];
    terminal.out << Coloured(absl::StrCat(mark.sign, " ", change.name()), mark.colour,
                             terminal.out_is_terminal)
                 << "\n";
    for (const std::string& difference : change.differences()) {
      terminal.out << "    " << difference << "\n";
    }
  }
  if (response.changes().empty()) {
    terminal.out << "Nothing to change: " << response.unchanged_count() << " as described.\n";
    return;
  }
  terminal.out << (options.dry_run ? "Would create " : "Created ") << counts[0]
               << (options.dry_run ? ", change " : ", changed ") << counts[1]
               << (options.dry_run ? ", delete " : ", deleted ") << counts[2] << "; "
               << response.unchanged_count()
               << (options.dry_run ? " stay as they are. Nothing was changed.\n"
                                   : " were as described.\n");
}

std::string ChangesJson(const v1::ImportPlantResponse& response, bool dry_run) {
  nlohmann::ordered_json json = {{"dry_run", dry_run},
                                 {"changes", nlohmann::ordered_json::array()},
                                 {"unchanged_count", response.unchanged_count()}};
  for (const v1::PlantChange& change : response.changes()) {
    json["changes"].push_back(
        {{"action", MarkOf(change.action()).word},
         {"name", change.name()},
         {"differences",
          std::vector<std::string>(change.differences().begin(), change.differences().end())}});
  }
  return json.dump(2) + "\n";
}

absl::Status Run(const ApplyOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  absl::StatusOr<PlantFile> file = ReadPlantFile(options.file);
  if (!file.ok()) return file.status();
  v1::ImportPlantRequest request;
  *request.mutable_plant() = file->plant;
  request.set_prune(options.prune);
  request.set_validate_only(options.dry_run);
  grpc::ClientContext context;
  SetReadDeadline(context);
  v1::ImportPlantResponse response;
  const grpc::Status status =
      v1::AssetService::NewStub(OpenChannel(server))->ImportPlant(&context, request, &response);
  if (!status.ok()) {
    const absl::Status error = ErrorOf(status, server);
    if (absl::IsUnavailable(error)) return error;
    return absl::Status(error.code(),
                        absl::StrCat(PlaceOf(status, *file, options.file), error.message()));
  }
  if (options.json) {
    terminal.out << ChangesJson(response, options.dry_run);
  } else {
    PrintChanges(response, options, terminal);
  }
  return absl::OkStatus();
}

}  // namespace

void AddApply(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<ApplyOptions>();
  CLI::App* command = app.add_subcommand(
      "apply",
      "Make the plant on the server as a file describes it. Repeating it changes nothing.");
  command->add_option("-f,--file,FILE", options->file, "YAML: site, assets, points, bearings")
      ->required()
      ->type_name("FILE");
  command->add_flag("--dry-run", options->dry_run, "Say what would change, change nothing");
  command->add_flag("--prune", options->prune, "Delete what the file does not list");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
