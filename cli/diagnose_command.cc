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
#include "cli/time_option.h"

namespace auscult::cli {
namespace {

constexpr int kShownFaults = 4;

struct DiagnoseOptions {
  std::string point;
  std::string at;
  std::string language;
  bool all_features = false;
  bool json = false;
};

void ShowRanking(const v1::Diagnosis& diagnosis, LabelledLines& lines) {
  for (int i = 0; i < std::min(kShownFaults, diagnosis.ranking_size()); ++i) {
    const v1::RankedFault& ranked = diagnosis.ranking(i);
    lines.AddPlain("\n");
    lines.Add(i == 0 ? "ranking" : "",
              absl::StrFormat("%.2f  %s", ranked.probability(), FaultText(ranked.fault())),
              Colour::kBold);
    ShowEvidence(ranked.evidence(), lines);
  }
}

std::string FeatureTable(const v1::DiagnoseResponse& response) {
  Table table({{"feature"}, {"value", Align::kRight}, {"unit"}});
  for (const v1::FeatureValue& feature : response.features()) {
    if (!feature.has_value()) continue;
    table.AddRow({feature.feature(), Shown(feature.value()), feature.unit()});
  }
  return table.empty() ? "" : "\n" + table.Render();
}

std::string DiagnosisText(const DiagnoseOptions& options, const v1::DiagnoseResponse& response,
                          const Terminal& terminal) {
  LabelledLines lines(terminal);
  const v1::Diagnosis& diagnosis = response.diagnosis();
  std::string verdict = VerdictText(diagnosis);
  if (diagnosis.has_severity()) {
    absl::StrAppend(&verdict, absl::StrFormat(", severity %.2f of 1", diagnosis.severity()));
  }
  lines.Add("verdict", verdict, Colour::kBold);
  lines.Add("", diagnosis.severity_text());
  lines.Add("why", diagnosis.reason());
  lines.Add("remedy", diagnosis.remedy());
  lines.Add("quality", absl::StrJoin(response.quality(), ", "), Colour::kYellow);
  lines.Add("judged by", response.model());
  if (diagnosis.has_advice()) ShowAdvice(diagnosis.advice(), lines);
  ShowRanking(diagnosis, lines);
  if (options.all_features) lines.AddPlain(FeatureTable(response));
  return lines.text();
}

absl::Status Run(const DiagnoseOptions& options, const ServerOptions& server,
                 const Terminal& terminal) {
  v1::DiagnoseRequest request;
  request.set_point(ResourceName(options.point));
  request.set_language_code(options.language);
  if (!options.at.empty()) {
    const absl::StatusOr<absl::Time> at = ParseTimeOption("--at", options.at);
    if (!at.ok()) return at.status();
    *request.mutable_measured_at() = TimestampOf(*at);
  }
  const auto response = AskHealth(server, &v1::HealthService::Stub::Diagnose, request);
  if (!response.ok()) return response.status();
  terminal.out << (options.json ? MessageJson(*response)
                                : DiagnosisText(options, *response, terminal));
  return absl::OkStatus();
}

}  // namespace

void AddDiagnose(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<DiagnoseOptions>();
  CLI::App* command =
      app.add_subcommand("diagnose",
                         "Judge a stored record of a point (demo/pump-1/de) by itself: verdict, "
                         "evidence, features. \"analyze\" judges a file.");
  command->add_option("POINT", options->point, "The point")->required();
  command->add_option("--at", options->at, "When it was measured; without it, the latest")
      ->type_name("TIME");
  command->add_option("--language", options->language, "Of the advice: en or zh")
      ->type_name("CODE");
  command->add_flag("--all-features", options->all_features, "Show every feature");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return Run(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
