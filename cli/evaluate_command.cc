#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/evaluation_report.h"
#include "cli/labelled_rows.h"
#include "cli/model_file.h"
#include "cli/progress.h"

namespace auscult::cli {
namespace {

constexpr char kDescription[] =
    "Judge recordings of known truth without a server, and say how often the verdict is right.\n"
    "A manifest is a table with a header; columns in any order: file (relative to it), label, "
    "sampling_hz, rpm,\nchannel, bearing_model or bpfo, bpfi, bsf, ftf, unit, dataset, record_id, "
    "fault_size, supply_hz, pole_pairs.";

struct EvaluateOptions {
  LabelledRowOptions rows;
  std::string model;
  EvaluationOptions evaluation;
  EvaluationStyle style;
  bool json = false;
  bool skip_bad = false;
};

absl::Status Run(EvaluateOptions options, const Terminal& terminal) {
  std::optional<models::Classifier> classifier;
  if (!options.model.empty()) {
    absl::StatusOr<models::Classifier> read = ReadModelFile(options.model);
    if (!read.ok()) return read.status();
    classifier = *std::move(read);
    options.rows.defaults.analysis.classifier = &*classifier;
  }
  absl::StatusOr<LabelledRows> rows = ReadLabelledRows(options.rows);
  if (!rows.ok()) return rows.status();
  auto& [records, bad] = *rows;
  if (records.empty() && bad.empty()) {
    return WrongUse(absl::StrCat("no row of the manifests is left to be judged",
                                 options.rows.where.empty() ? "" : "; --where keeps none"));
  }
  options.evaluation.cut = options.rows.cut;
  const size_t row_count = records.size() + bad.size();
  const std::vector<LifeFiles> lives = TakeLives(records);
  Progress progress(terminal, static_cast<int64_t>(records.size() + lives.size()));
  Evaluation evaluation =
      Evaluate(records, lives, options.evaluation, [&](int64_t done) { progress.Show(done); });
  progress.Clear();
  evaluation.bad.insert(evaluation.bad.begin(), bad.begin(), bad.end());
  options.style.colours = terminal.out_is_terminal;
  terminal.out << (options.json ? EvaluationJson(evaluation, options.style)
                                : EvaluationText(evaluation, options.style));
  if (evaluation.bad.empty() || options.skip_bad) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      evaluation.bad.size(), " of ", row_count,
      " rows could not be judged; mend them, or leave them out with --where or --skip-bad"));
}

void AddLifeOptions(CLI::App& command, EvaluationOptions& options) {
  const std::string group = "Runs to failure";
  command
      .add_option("--interval-s", options.interval_s,
                  "Time between the records of a life; without it as manifest or files say")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command
      .add_option("--false-alarms", options.policy.false_alarms_per_point_year,
                  "False alarms that are accepted for a point and year")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
}

}  // namespace

void AddEvaluate(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command = app.add_subcommand("evaluate", kDescription);
  command->add_option("MANIFEST", options->rows.manifests, "Lists of recordings")->required();
  AddLabelledRowOptions(*command, options->rows);
  AddLifeOptions(*command, options->evaluation);
  command
      ->add_option("--model", options->model,
                   "Judge with the classifier of this file beside the rules (auscult train)")
      ->type_name("FILE");
  command->add_flag("--skip-bad", options->skip_bad, "End with 0 though rows could not be judged");
  command->add_flag("--forced", options->style.forced,
                    "Judge bearing faults by the forced choice of inner race, outer race and ball");
  command
      ->add_option("--by", options->style.groups, "Column to count by; may be given several times")
      ->type_name("COLUMN")
      ->capture_default_str();
  command
      ->add_option("--jobs", options->evaluation.jobs,
                   "Threads; as many as there are processors without it")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--all", options->style.all_records, "List every record, not only failures");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &chosen] {
    chosen = [options](const Terminal& terminal) { return Run(*options, terminal); };
  });
}

}  // namespace auscult::cli
