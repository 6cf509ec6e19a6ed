#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/labelled_rows.h"
#include "cli/progress.h"
#include "cli/training_records.h"
#include "cli/training_report.h"
#include "models/train.h"
#include "models/train_simulated.h"

namespace auscult::cli {
namespace {

constexpr char kDescription[] =
    "Learn faults from recordings of known truth, from simulated ones, or both, and write a model "
    "file.\nEvery rig is judged by a model of the others: what is printed is of machines that were "
    "not learnt from.\nThe same rows and options give the same file.";

struct TrainCommandOptions {
  LabelledRowOptions rows;
  std::string rig_column = "dataset";
  std::string output;
  models::TrainOptions training;
  int simulated = 0;
  int jobs = 0;
  bool json = false;
  bool skip_bad = false;
};

absl::Status WriteFile(const std::string& path, const std::string& bytes) {
  const std::string made = path + ".part";
  std::ofstream file(made, std::ios::binary);
  file << bytes;
  file.close();
  std::error_code error;
  if (file.good()) std::filesystem::rename(made, path, error);
  if (file.good() && !error) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(path,
                   ": the model could not be written; see whether the folder is there and may "
                   "be written to"));
}

// Where the records are from, so that the model can be made again.
std::string DataRecipe(const TrainCommandOptions& options,
                       std::span<const models::LabelledRecord> records) {
  // Beside recordings, what is simulated is not judged.
  const auto judged = std::count_if(records.begin(), records.end(),
                                    [](const models::LabelledRecord& r) { return r.judged; });
  const bool has_recordings = !options.rows.manifests.empty();
  const nlohmann::ordered_json recipe = {{"manifests", options.rows.manifests},
                                         {"where", options.rows.where},
                                         {"channel", options.rows.channel},
                                         {"pieces", options.rows.cut.pieces},
                                         {"piece_samples", options.rows.cut.piece_samples},
                                         {"rig_column", options.rig_column},
                                         {"recorded", has_recordings ? judged : 0},
                                         {"simulated", options.simulated}};
  return recipe.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

absl::StatusOr<TrainingRecords> Gather(const TrainCommandOptions& options,
                                       const Terminal& terminal) {
  TrainingRecords gathered;
  if (!options.rows.manifests.empty()) {
    absl::StatusOr<LabelledRows> rows = ReadLabelledRows(options.rows);
    if (!rows.ok()) return rows.status();
    const int jobs =
        options.jobs > 0 ? options.jobs : static_cast<int>(std::thread::hardware_concurrency());
    Progress progress(terminal, static_cast<int64_t>(rows->records.size()));
    gathered = ReadTrainingRecords(*rows, options.rows.cut, options.rig_column, std::max(1, jobs),
                                   [&](int64_t done) { progress.Show(done); });
  }
  const size_t recorded = gathered.records.size();
  const std::string rig = recorded > 0 ? "simulated" : "";
  for (models::LabelledRecord& record :
       models::SimulateLabelled(options.simulated, options.training.trees.seed, rig)) {
    record.judged = recorded == 0;
    gathered.records.push_back(std::move(record));
  }
  return gathered;
}

absl::Status Run(TrainCommandOptions options, const Terminal& terminal) {
  if (options.rows.manifests.empty() && options.simulated == 0) {
    return WrongUse("nothing to learn from; name a manifest, or give --simulated");
  }
  absl::StatusOr<TrainingRecords> gathered = Gather(options, terminal);
  if (!gathered.ok()) return gathered.status();
  for (const BadRow& row : gathered->bad) {
    terminal.err << row.manifest << ":" << row.line << ": " << row.message << "\n";
  }
  if (!gathered->bad.empty() && !options.skip_bad) {
    return absl::FailedPreconditionError(
        absl::StrCat(gathered->bad.size(),
                     " rows cannot be learnt from; mend them, or leave them "
                     "out with --where or --skip-bad"));
  }
  options.training.data_recipe = DataRecipe(options, gathered->records);
  const absl::StatusOr<models::Classifier> classifier =
      models::Train(gathered->records, options.training);
  if (!classifier.ok()) return classifier.status();
  if (absl::Status status = WriteFile(options.output, classifier->Serialize()); !status.ok()) {
    return status;
  }
  terminal.out << (options.json ? TrainingJson(*classifier) : TrainingText(*classifier));
  return absl::OkStatus();
}

void AddTreeOptions(CLI::App& command, models::TrainOptions& options) {
  const std::string group = "Trees";
  models::TreeOptions& trees = options.trees;
  command.add_option("--seed", trees.seed, "Of the draws of columns, rows and simulated machines")
      ->capture_default_str()
      ->group(group);
  command.add_option("--rounds", trees.rounds, "One tree a fault in each")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str()
      ->group(group);
  command.add_option("--depth", trees.max_depth, "Of the trees")
      ->check(CLI::Range(1, 10))
      ->capture_default_str()
      ->group(group);
  command.add_option("--learning-rate", trees.learning_rate, "Weight of a round")
      ->check(CLI::Range(0.001, 1.0))
      ->capture_default_str()
      ->group(group);
  command
      .add_option("--max-wrong", options.max_wrong_share,
                  "Share of wrong verdicts on held-out rigs that the abstention aims at")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str()
      ->group(group);
}

}  // namespace

void AddTrain(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<TrainCommandOptions>();
  CLI::App* command = app.add_subcommand("train", kDescription);
  command->add_option("MANIFEST", options->rows.manifests, "Lists of recordings, as for evaluate");
  command->add_option("--output,-o", options->output, "The model file to write")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--simulated", options->simulated,
                   "Learn from so many simulated records too; beside recordings they are learnt "
                   "from, never judged")
      ->check(CLI::Range(0, 1000000));
  command
      ->add_option("--rig", options->rig_column,
                   "Column that says which records are of one rig, and are held out together")
      ->capture_default_str()
      ->type_name("COLUMN");
  AddLabelledRowOptions(*command, options->rows);
  AddTreeOptions(*command, options->training);
  command->add_flag("--skip-bad", options->skip_bad, "Go on without rows that cannot be used");
  command->add_option("--jobs", options->jobs, "Threads that read; as many as there are processors")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &chosen] {
    chosen = [options](const Terminal& terminal) { return Run(*options, terminal); };
  });
}

}  // namespace auscult::cli
