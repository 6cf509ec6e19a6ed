#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands.h"
#include "cli/number_format.h"
#include "cli/table.h"
#include "features/bearing_catalogue.h"
#include "features/feature_set.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::ordered_json;

// What a unit of the set means before it is known what a channel measures.
std::string UnitText(std::string_view unit) {
  return unit == "SI" ? "as the channel" : std::string(unit);
}

absl::Status ListFeatures(bool json, const Terminal& terminal) {
  Json sets = Json::array();
  for (const features::FeatureSet& set : features::FeatureSets()) {
    Table table({{"feature"}, {"unit"}, {"description"}});
    Json definitions = Json::array();
    for (const features::FeatureDefinition& definition : set.features) {
      table.AddRow({std::string(definition.name), UnitText(definition.unit),
                    std::string(definition.description)});
      definitions.push_back({{"name", definition.name},
                             {"unit", UnitText(definition.unit)},
                             {"description", definition.description}});
    }
    sets.push_back({{"name", set.name}, {"features", std::move(definitions)}});
    const bool newest = &set == &features::NewestFeatureSet(set.signal);
    if (!json && newest) {
      terminal.out << Coloured(std::string(set.name), Colour::kBold, terminal.out_is_terminal)
                   << "\n"
                   << table.Render(2) << "\n";
    }
  }
  if (json) terminal.out << Json({{"feature_sets", std::move(sets)}}).dump(2) << "\n";
  return absl::OkStatus();
}

bool Matches(const features::CatalogueBearing& bearing, const std::string& query) {
  for (const std::string_view text : {bearing.id, bearing.designation, bearing.manufacturer}) {
    if (absl::StrContains(absl::AsciiStrToLower(std::string(text)), query)) return true;
  }
  return false;
}

Json BearingJson(const features::CatalogueBearing& bearing, const features::BearingOrders& orders) {
  return {{"name", bearing.id},
          {"designation", bearing.designation},
          {"manufacturer", bearing.manufacturer},
          {"rolling_elements", bearing.geometry.rolling_elements},
          {"element_diameter_mm", Shortest(bearing.geometry.element_diameter_mm)},
          {"pitch_diameter_mm", Shortest(bearing.geometry.pitch_diameter_mm)},
          {"contact_angle_deg", Shortest(bearing.geometry.contact_angle_deg)},
          {"orders",
           {{"bpfo", Shortest(orders.bpfo)},
            {"bpfi", Shortest(orders.bpfi)},
            {"bsf", Shortest(orders.bsf)},
            {"ftf", Shortest(orders.ftf)}}},
          {"source", bearing.source}};
}

absl::Status ListBearings(const std::string& query, bool json, const Terminal& terminal) {
  Json bearings = Json::array();
  Table table({{"name"},
               {"designation"},
               {"elements", Align::kRight},
               {"BPFO", Align::kRight},
               {"BPFI", Align::kRight},
               {"BSF", Align::kRight},
               {"FTF", Align::kRight},
               {"source"}});
  for (const features::CatalogueBearing& bearing : features::BearingCatalogue()) {
    if (!Matches(bearing, absl::AsciiStrToLower(query))) continue;
    const features::BearingOrders orders = features::OrdersOf(bearing.geometry);
    bearings.push_back(BearingJson(bearing, orders));
    table.AddRow({std::string(bearing.id), std::string(bearing.designation),
                  absl::StrCat(bearing.geometry.rolling_elements),
                  absl::StrFormat("%.4f", orders.bpfo), absl::StrFormat("%.4f", orders.bpfi),
                  absl::StrFormat("%.4f", orders.bsf), absl::StrFormat("%.4f", orders.ftf),
                  std::string(bearing.source)});
  }
  if (json) {
    terminal.out << Json({{"bearings", std::move(bearings)}}).dump(2) << "\n";
  } else if (table.empty()) {
    terminal.out << "No bearing of the catalogue matches \"" << query
                 << "\". Only bearings with a named public source are in it; describe yours by "
                    "geometry or orders.\n";
  } else {
    terminal.out << table.Render();
  }
  return absl::OkStatus();
}

}  // namespace

void AddFeatures(CLI::App& app, Action& chosen) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("features", "List what is computed of a recording: name, unit, meaning.");
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([json, &chosen] {
    chosen = [json](const Terminal& terminal) { return ListFeatures(*json, terminal); };
  });
}

void AddBearings(CLI::App& app, Action& chosen) {
  struct Options {
    std::string query;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "bearings", "List the built-in catalogue of bearings with their defect orders.");
  command->add_option("QUERY", options->query, "Part of a name or manufacturer");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &chosen] {
    chosen = [options](const Terminal& terminal) {
      return ListBearings(options->query, options->json, terminal);
    };
  });
}

}  // namespace auscult::cli
