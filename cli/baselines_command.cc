#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/health_client.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/plant_file.h"
#include "cli/table.h"
#include "cli/time_option.h"

namespace auscult::cli {
namespace {

struct BaselinesOptions {
  std::string point, from, to, actor;
  bool relearn = false;
  int activate = 0;
  bool json = false;
};

absl::Status Relearn(const BaselinesOptions& options, const ServerOptions& server,
                     const Terminal& terminal) {
  v1::RelearnRequest request;
  request.set_point(ResourceName(options.point));
  request.set_actor(options.actor);
  if (!options.from.empty()) {
    const absl::StatusOr<absl::Time> from = ParseTimeOption("--relearn-from", options.from);
    if (!from.ok()) return from.status();
    const absl::StatusOr<absl::Time> to = ParseTimeOption("--to", options.to);
    if (!to.ok()) return to.status();
    *request.mutable_start_time() = TimestampOf(*from);
    *request.mutable_end_time() = TimestampOf(*to);
  }
  const auto response = AskHealth(server, &v1::HealthService::Stub::Relearn, request);
  if (!response.ok()) return response.status();
  if (options.json) {
    terminal.out << MessageJson(*response);
  } else if (response->has_baseline()) {
    terminal.out << "Learnt baseline " << response->baseline().version()
                 << "; it judges from the next record on.\n";
  } else {
    terminal.out << "Learns anew from the records to come.\n";
  }
  return absl::OkStatus();
}

absl::Status Activate(const BaselinesOptions& options, const ServerOptions& server,
                      const Terminal& terminal) {
  v1::ActivateBaselineRequest request;
  request.set_name(absl::StrCat(ResourceName(options.point), "/baselines/", options.activate));
  request.set_actor(options.actor);
  const auto baseline = AskHealth(server, &v1::HealthService::Stub::ActivateBaseline, request);
  if (!baseline.ok()) return baseline.status();
  if (options.json) {
    terminal.out << MessageJson(*baseline);
  } else {
    terminal.out << "Baseline " << baseline->version() << " judges from the next record on.\n";
  }
  return absl::OkStatus();
}

absl::Status List(const BaselinesOptions& options, const ServerOptions& server,
                  const Terminal& terminal) {
  v1::ListBaselinesRequest request;
  request.set_parent(ResourceName(options.point));
  v1::ListBaselinesResponse all;
  do {
    const auto page = AskHealth(server, &v1::HealthService::Stub::ListBaselines, request);
    if (!page.ok()) return page.status();
    all.mutable_baselines()->MergeFrom(page->baselines());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << MessageJson(all);
    return absl::OkStatus();
  }
  if (all.baselines().empty()) {
    terminal.out << "Nothing is learnt yet; \"auscult points\" shows how far it has come.\n";
    return absl::OkStatus();
  }
  Table table({{"version", Align::kRight},
               {""},
               {"learnt from"},
               {"to"},
               {"origin"},
               {"features", Align::kRight},
               {"set"}});
  for (const v1::Baseline& baseline : all.baselines()) {
    table.AddRow({absl::StrCat(baseline.version()), baseline.active() ? "active" : "",
                  TimeText(baseline.learnt_from()), TimeText(baseline.learnt_to()),
                  baseline.origin(), absl::StrCat(baseline.learnt_feature_count()),
                  baseline.feature_set()});
  }
  terminal.out << table.Render();
  return absl::OkStatus();
}

}  // namespace

void AddBaselines(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<BaselinesOptions>();
  CLI::App* command = app.add_subcommand(
      "baselines",
      "Show what a point (demo/pump-1/de) has learnt, have it learn anew, or go back to an older "
      "version.");
  command->add_option("POINT", options->point, "The point")->required();
  CLI::Option* relearn =
      command->add_flag("--relearn", options->relearn, "Learn anew from the records to come");
  CLI::Option* to = command->add_option("--to", options->to, "End of that period, exclusive");
  CLI::Option* from = command
                          ->add_option("--relearn-from", options->from,
                                       "Learn at once from a period of stored records, up to --to")
                          ->type_name("TIME")
                          ->needs(to)
                          ->excludes(relearn);
  to->type_name("TIME")->needs(from);
  command->add_option("--activate", options->activate, "Let this version judge")
      ->type_name("VERSION")
      ->check(CLI::PositiveNumber)
      ->excludes(relearn)
      ->excludes(from);
  command->add_option("--by", options->actor, "Who asks for it")->type_name("NAME");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      if (options->activate > 0) return Activate(*options, server, terminal);
      if (options->relearn || !options->from.empty()) return Relearn(*options, server, terminal);
      return List(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
