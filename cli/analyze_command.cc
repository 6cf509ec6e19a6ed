#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/analysis.h"
#include "cli/analysis_report.h"
#include "cli/commands.h"
#include "cli/machine_options.h"
#include "cli/model_file.h"
#include "cli/read_recording.h"
#include "models/knowledge.h"

namespace auscult::cli {
namespace {

constexpr char kDescription[] =
    "Judge one recording without a server: quality, features, verdict and the evidence for it.\n"
    "Reads WAV, MATLAB (v5, v7.3), CSV, IMS and FEMTO text, and raw samples described by a small "
    "YAML or JSON\nfile beside them (encoding, rate_hz, channels, scale, unit, record_samples).";

struct AnalyzeOptions {
  std::string file;
  std::string sidecar;
  int64_t record = 0;
  AnalysisOptions analysis;
  MachineOptions machine;
  std::string model;
  std::string language = "en";
  bool json = false;
  bool all_features = false;
};

absl::StatusOr<Recording> ReadOne(const AnalyzeOptions& options) {
  absl::StatusOr<std::unique_ptr<RecordFile>> file = OpenRecordFile(options.file, options.sidecar);
  if (!file.ok()) return file.status();
  if (options.record >= (*file)->record_count()) {
    return WrongUse(absl::StrCat("--record: ", options.file, " holds ", (*file)->record_count(),
                                 " record(s), counted from 0"));
  }
  return (*file)->Read(options.record);
}

absl::Status Run(AnalyzeOptions options, const Terminal& terminal) {
  std::optional<models::Classifier> classifier;
  if (!options.model.empty()) {
    absl::StatusOr<models::Classifier> read = ReadModelFile(options.model);
    if (!read.ok()) return read.status();
    classifier = *std::move(read);
    options.analysis.classifier = &*classifier;
  }
  absl::StatusOr<features::Machine> machine = MachineOf(options.machine);
  if (!machine.ok()) return machine.status();
  absl::StatusOr<Recording> recording = ReadOne(options);
  if (!recording.ok()) return recording.status();
  absl::StatusOr<Analysis> analysis = Analyse(*recording, options.analysis, *machine);
  if (!analysis.ok()) return analysis.status();
  const models::Language language = *models::ParseLanguage(options.language);
  terminal.out << (options.json ? AnalysisJson(*analysis, language)
                                : AnalysisText(*analysis, {.colours = terminal.out_is_terminal,
                                                           .all_features = options.all_features,
                                                           .width = terminal.width,
                                                           .language = language}));
  return absl::OkStatus();
}

void AddRecordingOptions(CLI::App& command, AnalyzeOptions& options) {
  const std::string group = "Recording";
  AnalysisOptions& analysis = options.analysis;
  command
      .add_option("--rate-hz", analysis.rate_hz,
                  "Sampling rate; needed where the file does not say it")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command
      .add_option("--speed-rpm", analysis.speed_rpm,
                  "Speed of the shaft, nominal: the true one is looked for around it; 0 = standing")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  command
      .add_flag("--exact-speed", analysis.exact_speed,
                "The speed was measured during the record: take it as it is")
      ->group(group);
  command.add_option("--load-percent", analysis.load_percent, "Load, of the rated one")
      ->group(group);
  command
      .add_option("--unit", analysis.unit,
                  "Unit of the samples: g, m/s2, mm/s, um, A, V, ...; outweighs the file")
      ->group(group);
  command
      .add_option("--channel", analysis.channels,
                  "Channel by name or number; may be given several times. Without it, all")
      ->group(group)
      ->type_name("NAME");
  command
      .add_option("--sidecar", options.sidecar,
                  "Description of raw samples, where it does not lie beside FILE")
      ->group(group)
      ->type_name("FILE");
  command.add_option("--record", options.record, "Which record of a file that holds many, from 0")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
}

}  // namespace

void AddAnalyze(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<AnalyzeOptions>();
  CLI::App* command = app.add_subcommand("analyze", kDescription);
  command->add_option("FILE", options->file, "The recording")->required();
  AddRecordingOptions(*command, *options);
  AddMachineOptions(*command, options->machine);
  command->add_option("--language", options->language, "Of the recommended action: en or zh")
      ->check(CLI::IsMember({"en", "zh"}))
      ->capture_default_str();
  command
      ->add_option("--model", options->model,
                   "Judge with the classifier of this file beside the rules (auscult train)")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->add_flag("--all-features", options->all_features, "Show every feature");
  command->callback([options, &chosen] {
    chosen = [options](const Terminal& terminal) { return Run(*options, terminal); };
  });
}

}  // namespace auscult::cli
