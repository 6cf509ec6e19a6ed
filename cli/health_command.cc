#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/advice_text.h"
#include "cli/commands.h"
#include "cli/health_client.h"
#include "cli/health_text.h"
#include "cli/labelled_lines.h"
#include "cli/message_json.h"
#include "cli/number_format.h"
#include "cli/plant_file.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

struct HealthOptions {
  std::string asset;
  std::string language;
  bool json = false;
};

// "alarm, health 23, zone C, since 2026-03-01 14:05:00".
template <typename Health>
std::string StateText(const Health& health) {
  std::string text = ConditionText(health.condition());
  if (health.has_index()) absl::StrAppend(&text, ", health ", IndexText(health));
  if constexpr (requires { health.zone(); }) {  // process readings have none
    if (health.zone() != v1::ZONE_UNSPECIFIED) {
      absl::StrAppend(&text, ", ISO 20816-3 zone ", ZoneText(health.zone()));
    }
  }
  if (health.has_since()) absl::StrAppend(&text, ", since ", TimeText(health.since()));
  return text;
}

template <typename Health>
std::string WithSeverity(std::string verdict, const Health& health) {
  if (!verdict.empty() && health.has_fault_severity()) {
    absl::StrAppend(&verdict, absl::StrFormat(", severity %.2f of 1", health.fault_severity()));
  }
  return verdict;
}

void ShowProcess(const v1::AssetHealth& health, LabelledLines& lines) {
  if (!health.has_process()) return;
  const v1::ProcessHealth& process = health.process();
  lines.Add("process", StateText(process), ColourOf(process.condition()));
  lines.Add("", process.summary());
}

void ShowPoint(const v1::NamedPointHealth& point, LabelledLines& lines) {
  const v1::PointHealth& health = point.health();
  lines.AddPlain("\n");
  std::string name = ShortName(point.name());
  if (!point.display_name().empty()) absl::StrAppend(&name, " (", point.display_name(), ")");
  lines.Add("point", name, Colour::kBold);
  lines.Add("", StateText(health), ColourOf(health.condition()));
  lines.Add("verdict", WithSeverity(VerdictText(health), health));
  lines.Add("said", health.summary());
  ShowEvidence(health.evidence(), lines);
  std::string label = "departs";
  for (const v1::Contribution& contribution : health.contributions()) {
    lines.Add(label, absl::StrFormat("%s by %.1f scatters (%+.1f dB)", contribution.feature(),
                                     contribution.deviation(), contribution.rise()));
    label.clear();
  }
  lines.Add("outside", health.outside_learnt());
  lines.Add("quality", absl::StrJoin(health.quality(), ", "), Colour::kYellow);
  const std::string learnt =
      health.model_version() > 0
          ? absl::StrCat("baseline ", health.model_version())
          : absl::StrFormat("%.0f %% of its first baseline", 100 * health.learning_progress());
  lines.Add("learnt", health.has_input_drift()
                          ? absl::StrFormat("%s; %.0f %% of the last records lie outside it",
                                            learnt, 100 * health.input_drift())
                          : learnt);
  lines.Add("records", absl::StrCat(health.record_count(),
                                    health.has_last_measured_at()
                                        ? ", last " + TimeText(health.last_measured_at())
                                        : std::string()));
}

std::string ReportText(const v1::AssetHealthReport& report, const Terminal& terminal) {
  LabelledLines lines(terminal);
  const v1::AssetHealth& health = report.health();
  std::string name = ShortName(report.name());
  if (!report.display_name().empty()) absl::StrAppend(&name, " (", report.display_name(), ")");
  lines.Add("asset", name, Colour::kBold);
  lines.Add("", StateText(health), ColourOf(health.condition()));
  lines.Add("verdict", WithSeverity(VerdictText(health), health));
  lines.Add("why", health.summary());
  if (health.open_alarm_count() > 0) {
    lines.Add("alarms", absl::StrCat(health.open_alarm_count(), " open"));
  }
  if (report.has_advice()) ShowAdvice(report.advice(), lines);
  ShowProcess(health, lines);
  for (const v1::NamedPointHealth& point : report.points()) ShowPoint(point, lines);
  return lines.text();
}

std::string FleetText(const v1::ListAssetHealthResponse& fleet, const Terminal& terminal) {
  if (fleet.assets().empty()) return "No assets here.\n";
  Table table({{"condition"},
               {"health", Align::kRight},
               {"asset"},
               {"verdict"},
               {"alarms", Align::kRight},
               {"since"},
               {"what to do"}});
  for (const v1::AssetHealthReport& report : fleet.assets()) {
    const v1::AssetHealth& health = report.health();
    table.AddRow({Coloured(ConditionText(health.condition()), ColourOf(health.condition()),
                           terminal.out_is_terminal),
                  IndexText(health), ShortName(report.name()), VerdictText(health),
                  health.open_alarm_count() > 0 ? absl::StrCat(health.open_alarm_count()) : "",
                  health.has_since() ? TimeText(health.since()) : "", health.recommended_action()});
  }
  return table.Render();
}

absl::Status RunFleet(const HealthOptions& options, const std::string& parent,
                      const ServerOptions& server, const Terminal& terminal) {
  v1::ListAssetHealthRequest request;
  request.set_parent(parent);
  v1::ListAssetHealthResponse fleet;
  do {
    const auto page = AskHealth(server, &v1::HealthService::Stub::ListAssetHealth, request);
    if (!page.ok()) return page.status();
    fleet.mutable_assets()->MergeFrom(page->assets());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  terminal.out << (options.json ? MessageJson(fleet) : FleetText(fleet, terminal));
  return absl::OkStatus();
}

absl::Status Run(const HealthOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  const std::string name = options.asset.empty() ? "sites/-" : ResourceName(options.asset);
  if (std::count(name.begin(), name.end(), '/') == 1) {
    return RunFleet(options, name, server, terminal);
  }
  v1::GetAssetHealthRequest request;
  request.set_name(name);
  request.set_language_code(options.language);
  const auto report = AskHealth(server, &v1::HealthService::Stub::GetAssetHealth, request);
  if (!report.ok()) return report.status();
  terminal.out << (options.json ? MessageJson(*report) : ReportText(*report, terminal));
  return absl::OkStatus();
}

}  // namespace

void AddHealth(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<HealthOptions>();
  CLI::App* command = app.add_subcommand(
      "health",
      "Show how one machine (demo/pump-1) is: condition, verdict, evidence, what departs, "
      "what to do, and its points; of a site (demo), or of all of them, the machines in short.");
  command->add_option("ASSET", options->asset, "The machine, or a site");
  command->add_option("--language", options->language, "Of the advice: en or zh")
      ->type_name("CODE");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
