#include "cli/training_report.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/number_format.h"
#include "cli/table.h"

namespace auscult::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string Count(const Json& of, const char* name) {
  return absl::StrCat(of.value(name, int64_t{0}));
}

std::string RigTable(const Json& metrics) {
  Table table({{"rig held out"},
               {"records", Align::kRight},
               {"forced right", Align::kRight},
               {"named right", Align::kRight},
               {"named wrong", Align::kRight},
               {"abstained", Align::kRight},
               {"healthy passed", Align::kRight},
               {"accused", Align::kRight},
               {"log loss", Align::kRight}});
  const auto add = [&](const std::string& name, const Json& of) {
    table.AddRow({name, Count(of, "records"), Count(of, "forced_right"), Count(of, "right"),
                  Count(of, "wrong"), Count(of, "abstained"), Count(of, "healthy"),
                  Count(of, "healthy_accused"),
                  absl::StrFormat("%.2f", of.value("log_loss", 0.0))});
  };
  for (const Json& rig : metrics.value("by_rig", Json::array())) add(rig.value("rig", ""), rig);
  add("all", metrics);
  return table.Render();
}

std::string ConfusionTable(const Json& metrics) {
  const std::vector<std::string> classes = metrics.value("classes", std::vector<std::string>());
  std::vector<Table::Column> columns = {{"truth \\ verdict"}};
  for (const std::string& name : classes) columns.push_back({name, Align::kRight});
  columns.push_back({"abstain", Align::kRight});
  Table table(std::move(columns));
  const Json confusion = metrics.value("confusion", Json::array());
  for (size_t truth = 0; truth < classes.size() && truth < confusion.size(); ++truth) {
    std::vector<std::string> cells = {classes[truth]};
    for (const Json& count : confusion[truth]) {
      cells.push_back(count == 0 ? "." : absl::StrCat(count.get<int64_t>()));
    }
    table.AddRow(std::move(cells));
  }
  return table.Render();
}

}  // namespace

std::string TrainingText(const models::Classifier& classifier) {
  const Json metrics = Json::parse(classifier.metrics());
  return absl::StrCat(
      RigTable(metrics), "\n", ConfusionTable(metrics), "\n",
      absl::StrFormat(
          "Brier score %.3f, calibration error %.3f; temperature %.2f, faults are named from a "
          "probability of %.2f; %d records left out (unscorable, or no bearing lines)\n",
          metrics.value("brier", 0.0), metrics.value("calibration_error", 0.0),
          classifier.temperature(), classifier.threshold(), metrics.value("left_out", 0)));
}

std::string TrainingJson(const models::Classifier& classifier) {
  Json classes = Json::array();
  for (const models::Fault fault : classifier.classes()) classes.push_back(FaultName(fault));
  const Json json = {{"classes", std::move(classes)},
                     {"temperature", Shortest(classifier.temperature())},
                     {"threshold", Shortest(classifier.threshold())},
                     {"trees", classifier.trees().tree_count()},
                     {"bytes", classifier.Serialize().size()},
                     {"recipe", Json::parse(classifier.recipe())},
                     {"metrics", Json::parse(classifier.metrics())}};
  return json.dump(2) + "\n";
}

}  // namespace auscult::cli
