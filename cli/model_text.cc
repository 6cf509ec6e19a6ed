#include "cli/model_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/health_text.h"
#include "cli/message_json.h"
#include "cli/number_format.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kIndent = 2;
constexpr int kShownAssets = 50, kShownPoints = 20;

std::string FaultList(const v1::ModelVersion& version) {
  std::vector<std::string> faults;
  for (const int fault : version.faults()) {
    faults.push_back(FaultText(static_cast<v1::Fault>(fault)));
  }
  return absl::StrJoin(faults, ", ");
}

std::string TimeOrNothing(bool has, const google::protobuf::Timestamp& time) {
  return has ? TimeText(time) : "";
}

std::string Cell(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return Shown(value.get<double>());
  return value.dump();
}

bool IsScalar(const Json& value) { return !value.is_structured(); }

// An array of objects: a row each, their scalars as columns.
void PrintRecords(const Json& records, const Terminal& terminal) {
  std::vector<Table::Column> columns;
  for (const auto& [key, value] : records.front().items()) {
    if (IsScalar(value)) {
      columns.push_back({key, value.is_number() ? Align::kRight : Align::kLeft});
    }
  }
  Table table(columns);
  for (const Json& record : records) {
    std::vector<std::string> cells;
    for (const Table::Column& column : columns) {
      const auto found = record.find(column.title);
      cells.push_back(found == record.end() ? "" : Cell(*found));
    }
    table.AddRow(std::move(cells));
  }
  terminal.out << table.Render(kIndent);
}

// Rows of counts by class; one column more than classes: what was abstained from.
void PrintConfusion(const Json& confusion, const Json& classes, const Terminal& terminal) {
  std::vector<Table::Column> columns = {{"truth \\ said"}};
  for (const Json& name : classes) columns.push_back({Cell(name), Align::kRight});
  columns.push_back({"abstained", Align::kRight});
  Table table(columns);
  for (size_t row = 0; row < confusion.size() && row < classes.size(); ++row) {
    std::vector<std::string> cells = {Cell(classes[row])};
    for (const Json& count : confusion[row]) cells.push_back(Cell(count));
    cells.resize(columns.size());
    table.AddRow(std::move(cells));
  }
  terminal.out << table.Render(kIndent);
}

// Whatever stands in a recipe or in metrics: scalars as a table, then tables of their own.
void PrintFacts(const std::string& title, const std::string& text, const Terminal& terminal) {
  const Json facts = Json::parse(text, nullptr, false);
  if (!facts.is_object() || facts.empty()) return;
  terminal.out << "\n" << Coloured(title, Colour::kBold, terminal.out_is_terminal) << "\n";
  Table scalars({{""}, {""}});
  for (const auto& [key, value] : facts.items()) {
    if (IsScalar(value)) scalars.AddRow({key, Cell(value)});
  }
  if (!scalars.empty()) terminal.out << scalars.Render(kIndent);
  for (const auto& [key, value] : facts.items()) {
    if (IsScalar(value) || value.empty() || key == "classes") continue;
    terminal.out << "\n  " << key << "\n";
    if (key == "confusion" && value.is_array() && facts.contains("classes")) {
      PrintConfusion(value, facts["classes"], terminal);
    } else if (value.is_array() && value.front().is_object()) {
      PrintRecords(value, terminal);
    } else {
      terminal.out << "  " << value.dump() << "\n";
    }
  }
}

std::string AlarmText(const v1::AlarmChange& alarm) {
  const std::string what =
      absl::StrCat(FaultText(alarm.fault()), " (", ConditionText(alarm.condition()), ")");
  if (!alarm.has_base_time())
    return absl::StrCat("gained ", TimeText(alarm.candidate_time()), " ", what);
  if (!alarm.has_candidate_time())
    return absl::StrCat("lost   ", TimeText(alarm.base_time()), " ", what);
  const bool earlier = TimeOf(alarm.candidate_time()) < TimeOf(alarm.base_time());
  return absl::StrCat(earlier ? "earlier " : "later ", TimeText(alarm.candidate_time()),
                      " instead of ", TimeText(alarm.base_time()), " ", what);
}

void PrintAssets(const v1::ModelComparison& comparison, const Terminal& terminal) {
  if (comparison.assets().empty()) return;
  Table assets({{"asset"},
                {"alarms gained", Align::kRight},
                {"lost", Align::kRight},
                {"earlier", Align::kRight},
                {"later", Align::kRight},
                {"verdicts changed", Align::kRight}});
  const int shown = std::min(kShownAssets, comparison.assets_size());
  for (int i = 0; i < shown; ++i) {
    const v1::AssetComparison& asset = comparison.assets(i);
    assets.AddRow({asset.asset(), ShownCount(asset.alarms_gained()),
                   ShownCount(asset.alarms_lost()), ShownCount(asset.alarms_earlier()),
                   ShownCount(asset.alarms_later()), ShownCount(asset.verdicts_changed())});
  }
  terminal.out << "\n" << assets.Render(kIndent);
  if (shown < comparison.assets_size()) {
    terminal.out << "and " << comparison.assets_size() - shown << " more assets\n";
  }
}

}  // namespace

std::string ModelVersionName(const std::string& text) {
  constexpr char kVersions[] = "models/diagnosis/versions/";
  if (text == "physics") return absl::StrCat(kVersions, 0);
  if (absl::StartsWith(text, "models/")) return text;
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return absl::StrCat(kVersions, text);
  return absl::StrCat("models/", text.substr(0, slash), "/versions/", text.substr(slash + 1));
}

void PrintModelVersions(const v1::ListModelVersionsResponse& response, const Terminal& terminal) {
  Table table(
      {{"version"}, {""}, {"made"}, {"active since"}, {"inputs"}, {"says"}, {"description"}});
  for (const v1::ModelVersion& version : response.versions()) {
    const bool enabled = terminal.out_is_terminal;
    const std::string state = !version.active() ? ""
                              : version.problem().empty()
                                  ? Coloured("active", Colour::kGreen, enabled)
                                  : Coloured("damaged", Colour::kRed, enabled);
    table.AddRow(
        {version.name(), state, TimeOrNothing(version.has_create_time(), version.create_time()),
         version.active() ? TimeOrNothing(version.has_activate_time(), version.activate_time())
                          : "",
         version.feature_set(), absl::StrCat(version.faults_size(), " verdicts"),
         version.description()});
  }
  terminal.out << table.Render();
  for (const v1::ModelVersion& version : response.versions()) {
    if (!version.problem().empty()) {
      terminal.out << version.name() << ": " << version.problem() << "; the physics judges\n";
    }
  }
}

void PrintModelVersion(const v1::ModelVersion& version, bool json, const Terminal& terminal) {
  if (json) {
    terminal.out << MessageJson(version);
    return;
  }
  terminal.out << Coloured(version.name(), Colour::kBold, terminal.out_is_terminal)
               << (version.active() ? " (active)" : "") << "\n";
  Table table({{""}, {""}});
  const auto add = [&table](const char* name, std::string value) {
    if (!value.empty()) table.AddRow({name, std::move(value)});
  };
  add("description", version.description());
  add("problem", version.problem());
  add("made", TimeOrNothing(version.has_create_time(), version.create_time()));
  add("last activated", TimeOrNothing(version.has_activate_time(), version.activate_time()));
  add("inputs", version.feature_set());
  add("says", FaultList(version));
  if (version.size_bytes() > 0) add("bytes", ShownCount(version.size_bytes()));
  add("sha256", version.content_hash());
  terminal.out << table.Render(kIndent);
  PrintFacts("Measured", version.metrics_json(), terminal);
  PrintFacts("Recipe", version.recipe_json(), terminal);
}

void PrintComparison(const v1::ModelComparison& comparison, const Terminal& terminal) {
  terminal.out << ShownCount(comparison.record_count()) << " records of "
               << ShownCount(comparison.point_count()) << " points\n";
  Table counts({{""}, {"", Align::kRight}});
  counts.AddRow({"alarms in both", ShownCount(comparison.alarms_in_both())});
  counts.AddRow({"of these earlier", ShownCount(comparison.alarms_earlier())});
  counts.AddRow({"of these later", ShownCount(comparison.alarms_later())});
  counts.AddRow({"alarms gained", ShownCount(comparison.alarms_gained())});
  counts.AddRow({"alarms lost", ShownCount(comparison.alarms_lost())});
  counts.AddRow({"verdicts changed", ShownCount(comparison.verdicts_changed())});
  terminal.out << counts.Render(kIndent);
  Table health({{"health"}, {"base", Align::kRight}, {"candidate", Align::kRight}});
  const auto at = [](const v1::HealthDistribution& counts_of, int i) {
    return ShownCount(i < counts_of.counts_size() ? counts_of.counts(i) : 0);
  };
  for (int tenth = 9; tenth >= 0; --tenth) {
    health.AddRow({absl::StrCat(10 * tenth, " to ", 10 * tenth + 10),
                   at(comparison.base_health(), tenth), at(comparison.candidate_health(), tenth)});
  }
  terminal.out << "\n" << health.Render(kIndent);
  PrintAssets(comparison, terminal);
  const int shown = std::min(kShownPoints, comparison.points_size());
  for (int i = 0; i < shown; ++i) {
    const v1::PointComparison& point = comparison.points(i);
    terminal.out << "\n"
                 << Coloured(point.point(), Colour::kBold, terminal.out_is_terminal) << ": "
                 << ShownCount(point.verdicts_changed()) << " of "
                 << ShownCount(point.record_count()) << " verdicts changed\n";
    for (const v1::AlarmChange& alarm : point.alarms()) {
      terminal.out << "  " << AlarmText(alarm) << "\n";
    }
  }
  if (shown < comparison.points_size()) {
    terminal.out << "\nand " << comparison.points_size() - shown
                 << " more points; --json lists them\n";
  }
}

}  // namespace auscult::cli
