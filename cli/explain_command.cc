#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/health_client.h"
#include "cli/health_text.h"
#include "cli/labelled_lines.h"
#include "cli/message_json.h"
#include "cli/number_format.h"
#include "cli/plant_file.h"
#include "cli/table.h"
#include "cli/time_option.h"

namespace auscult::cli {
namespace {

struct ExplainOptions {
  std::string point, at;
  bool json = false;
};

std::string StatisticTable(const v1::ExplainResponse& response) {
  Table table({{"statistic"}, {"value", Align::kRight}, {"limit", Align::kRight}, {""}});
  for (const v1::Statistic& statistic : response.statistics()) {
    table.AddRow({statistic.name(), Shown(statistic.value()), Shown(statistic.limit()),
                  statistic.value() > statistic.limit() ? "above" : ""});
  }
  return table.empty() ? "" : "\n" + table.Render();
}

std::string AttributionTable(const v1::ExplainResponse& response) {
  Table table({{"feature"},
               {"explains", Align::kRight},
               {"value", Align::kRight},
               {"expected", Align::kRight},
               {"scatters", Align::kRight}});
  for (const v1::Attribution& item : response.attributions()) {
    table.AddRow({item.feature(), absl::StrFormat("%.0f %%", 100 * item.contribution()),
                  item.has_value() ? Shown(item.value()) : "-", Shown(item.expected()),
                  absl::StrFormat("%+.1f", item.deviation())});
  }
  return table.empty() ? "" : "\n" + table.Render();
}

std::string ExplanationText(const v1::ExplainResponse& response, const Terminal& terminal) {
  LabelledLines lines(terminal);
  lines.Add("record", TimeText(response.measured_at()), Colour::kBold);
  if (response.has_severity()) {
    lines.Add("severity", absl::StrFormat("%.1f scatters", response.severity()));
  }
  if (response.has_evidence()) {
    lines.Add("evidence",
              absl::StrFormat("%.0f %% of what an alert needs", 100 * response.evidence()));
  }
  lines.Add("outside", response.outside_learnt());
  lines.Add("learnt",
            absl::StrFormat("%s, %d records from %s to %s", ShortName(response.baseline()),
                            response.learnt_record_count(), TimeText(response.learnt_from()),
                            TimeText(response.learnt_to())));
  lines.AddPlain(StatisticTable(response));
  lines.AddPlain(AttributionTable(response));
  return lines.text();
}

absl::Status Run(const ExplainOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  v1::ExplainRequest request;
  request.set_point(ResourceName(options.point));
  if (!options.at.empty()) {
    const absl::StatusOr<absl::Time> at = ParseTimeOption("--at", options.at);
    if (!at.ok()) return at.status();
    *request.mutable_measured_at() = TimestampOf(*at);
  }
  const auto response = AskHealth(server, &v1::HealthService::Stub::Explain, request);
  if (!response.ok()) return response.status();
  terminal.out << (options.json ? MessageJson(*response) : ExplanationText(*response, terminal));
  return absl::OkStatus();
}

}  // namespace

void AddExplain(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand(
      "explain",
      "Show why a stored record of a point (demo/pump-1/de) is how far from what was learnt.");
  command->add_option("POINT", options->point, "The point")->required();
  command->add_option("--at", options->at, "When it was measured; without it, the latest")
      ->type_name("TIME");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
