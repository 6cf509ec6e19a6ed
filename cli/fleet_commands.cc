#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "cli/commands.h"
#include "cli/explained_table.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/plant_file.h"
#include "cli/plant_reading.h"
#include "cli/server_channel.h"

namespace auscult::cli {
namespace {

template <typename Health>
std::string SinceText(const Health& health) {
  return health.has_since() ? AgeText(TimeOf(health.since()), absl::Now()) : "";
}

// What somebody has to look at.
bool IsUrgent(v1::Condition condition) {
  return condition == v1::CONDITION_ALARM || condition == v1::CONDITION_ALERT ||
         condition == v1::CONDITION_WATCH || condition == v1::CONDITION_UNSCORABLE;
}

std::string ConditionCell(v1::Condition condition, const Terminal& terminal) {
  return Coloured(ConditionText(condition), ColourOf(condition), terminal.out_is_terminal);
}

void PrintAssets(const v1::ListAssetsResponse& response, const Terminal& terminal) {
  if (response.assets().empty()) {
    terminal.out << "No assets yet. Describe the plant in a file and run \"auscult apply -f "
                    "plant.yaml\".\n";
    return;
  }
  ExplainedTable table({{"condition"},
                        {"health", Align::kRight},
                        {"asset"},
                        {"name"},
                        {"verdict"},
                        {"zone"},
                        {"since"},
                        {"points", Align::kRight}},
                       terminal);
  for (const v1::Asset& asset : response.assets()) {
    const v1::AssetHealth& health = asset.health();
    std::vector<std::string> why;
    if (health.condition() != v1::CONDITION_NORMAL && !health.summary().empty()) {
      const bool names_point = IsUrgent(health.condition()) && !health.worst_point().empty();
      why.push_back(
          absl::StrCat(names_point ? absl::StrCat(ShortName(health.worst_point()), ": ") : "",
                       health.summary()));
    }
    table.Add({ConditionCell(health.condition(), terminal), IndexText(health),
               ShortName(asset.name()), asset.display_name(), VerdictText(health),
               ZoneText(health.zone()), SinceText(health), absl::StrCat(health.point_count())},
              std::move(why));
  }
  table.Print();
}

void PrintPoints(const v1::ListPointsResponse& response, const Terminal& terminal) {
  if (response.points().empty()) {
    terminal.out << "No points here. Add them to the plant file and run \"auscult apply\".\n";
    return;
  }
  ExplainedTable table({{"condition"},
                        {"health", Align::kRight},
                        {"point"},
                        {"verdict"},
                        {"zone"},
                        {"since"},
                        {"last record"},
                        {"records", Align::kRight},
                        {"learnt", Align::kRight}},
                       terminal);
  for (const v1::Point& point : response.points()) {
    const v1::PointHealth& health = point.health();
    std::vector<std::string> why;
    for (const v1::Evidence& evidence : health.evidence()) {
      if (IsUrgent(health.condition())) {
        why.push_back(absl::StrCat(evidence.supports() ? "+ " : "- ", evidence.text()));
      }
    }
    table.Add(
        {ConditionCell(health.condition(), terminal), IndexText(health), ShortName(point.name()),
         VerdictText(health), ZoneText(health.zone()), SinceText(health),
         TimeText(health.last_measured_at()), absl::StrCat(health.record_count()),
         absl::StrFormat("%.0f %%", 100 * health.learning_progress())},
        std::move(why));
  }
  table.Print();
}

struct ListOptions {
  std::string parent;
  bool json = false;
};

absl::Status RunAssets(const ListOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  const std::string parent = options.parent.empty() ? "sites/-" : ResourceName(options.parent);
  absl::StatusOr<v1::ListAssetsResponse> response =
      ListAllAssets(OpenChannel(server), server, parent, "health");
  if (!response.ok()) return response.status();
  if (options.json) {
    terminal.out << MessageJson(*response);
  } else {
    PrintAssets(*response, terminal);
  }
  return absl::OkStatus();
}

absl::Status RunPoints(const ListOptions& options, const ServerOptions& server,
                       const Terminal& terminal) {
  std::string parent = ResourceName(options.parent);
  if (std::count(parent.begin(), parent.end(), '/') == 1) parent += "/assets/-";
  absl::StatusOr<v1::ListPointsResponse> response =
      ListAllPoints(OpenChannel(server), server, parent);
  if (!response.ok()) return response.status();
  if (options.json) {
    terminal.out << MessageJson(*response);
  } else {
    PrintPoints(*response, terminal);
  }
  return absl::OkStatus();
}

}  // namespace

void AddAssets(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand(
      "assets", "Show the machines, worst first: condition, health, what is wrong and why.");
  command->add_option("SITE", options->parent, "Only of this site");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return RunAssets(*options, server, terminal);
    };
  });
}

void AddPoints(CLI::App& app, const ServerOptions& server, Action& chosen) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = app.add_subcommand(
      "points", "Show the measurement points of a machine (demo/pump-1) or a site (demo).");
  command->add_option("ASSET", options->parent, "Asset or site")->required();
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &server, &chosen] {
    chosen = [options, &server](const Terminal& terminal) {
      return RunPoints(*options, server, terminal);
    };
  });
}

}  // namespace auscult::cli
