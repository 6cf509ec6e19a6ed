#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/health_client.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/plant_file.h"
#include "cli/table.h"
#include "cli/time_option.h"

namespace auscult::cli {
namespace {

struct MaintenanceOptions {
  std::string asset, text, at, actor, work_order;
  std::vector<std::string> points;
  bool keep_baseline = false;
  bool json = false;
};

absl::StatusOr<v1::RecordMaintenanceRequest> RequestOf(const MaintenanceOptions& options) {
  v1::RecordMaintenanceRequest request;
  request.set_asset(ResourceName(options.asset));
  v1::Maintenance& told = *request.mutable_maintenance();
  told.set_description(options.text);
  told.set_actor(options.actor);
  told.set_work_order(options.work_order);
  told.set_keep_baseline(options.keep_baseline);
  for (const std::string& point : options.points) {
    // "de" is a point of this asset.
    const bool whole = point.find('/') != std::string::npos;
    told.add_points(whole ? ResourceName(point) : absl::StrCat(request.asset(), "/points/", point));
  }
  if (options.at.empty()) return request;
  const absl::StatusOr<absl::Time> at = ParseTimeOption("--at", options.at);
  if (!at.ok()) return at.status();
  *told.mutable_performed_at() = TimestampOf(*at);
  return request;
}

absl::Status Tell(const MaintenanceOptions& options, const ServerOptions& server,
                  const Terminal& terminal) {
  const absl::StatusOr<v1::RecordMaintenanceRequest> request = RequestOf(options);
  if (!request.ok()) return request.status();
  const auto told = AskHealth(server, &v1::HealthService::Stub::RecordMaintenance, *request);
  if (!told.ok()) return told.status();
  if (options.json) {
    terminal.out << MessageJson(*told);
    return absl::OkStatus();
  }
  terminal.out << "Recorded for " << TimeText(told->performed_at()) << ". "
               << (options.keep_baseline ? "What was learnt stays.\n"
                   : told->points().empty()
                       ? "Every point learns anew from what was measured after that.\n"
                       : "These points learn anew from what was measured after that.\n");
  return absl::OkStatus();
}

absl::Status List(const MaintenanceOptions& options, const ServerOptions& server,
                  const Terminal& terminal) {
  v1::ListMaintenanceRequest request;
  request.set_parent(ResourceName(options.asset));
  v1::ListMaintenanceResponse all;
  do {
    const auto page = AskHealth(server, &v1::HealthService::Stub::ListMaintenance, request);
    if (!page.ok()) return page.status();
    all.mutable_maintenance()->MergeFrom(page->maintenance());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << MessageJson(all);
    return absl::OkStatus();
  }
  if (all.maintenance().empty()) {
    terminal.out << "No maintenance was recorded.\n";
    return absl::OkStatus();
  }
  Table table({{"when"}, {"what"}, {"by"}, {"work order"}, {"learnt anew"}});
  for (const v1::Maintenance& told : all.maintenance()) {
    std::vector<std::string> points;
    for (const std::string& point : told.points()) points.push_back(ShortName(point));
    table.AddRow({TimeText(told.performed_at()), told.description(), told.actor(),
                  told.work_order(),
                  told.keep_baseline() ? "no"
                  : points.empty()     ? "every point"
                                       : absl::StrJoin(points, ", ")});
  }
  terminal.out << table.Render();
  return absl::OkStatus();
}

}  // namespace

void AddMaintenance(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<MaintenanceOptions>();
  CLI::App* command = app.add_subcommand(
      "maintenance",
      "Tell that a machine (demo/pump-1) was worked on, so that it learns anew; without a text, "
      "show what was told.");
  command->add_option("ASSET", options->asset, "The machine")->required();
  CLI::Option* text =
      command->add_option("TEXT", options->text, "What was done: \"bearing replaced\"");
  command->add_option("--at", options->at, "When; without it, now")->type_name("TIME")->needs(text);
  command
      ->add_flag("--keep-baseline", options->keep_baseline,
                 "The machine sounds as before: what was learnt stays")
      ->needs(text);
  command
      ->add_option("--point", options->points,
                   "Only this point learns anew; may be given several times")
      ->type_name("POINT")
      ->needs(text);
  command->add_option("--by", options->actor, "Who did it")->type_name("NAME")->needs(text);
  command->add_option("--work-order", options->work_order, "Its number elsewhere")
      ->type_name("NUMBER")
      ->needs(text);
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return options->text.empty() ? List(*options, server, terminal)
                                   : Tell(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
