#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/evaluate_process.h"
#include "cli/manifest.h"

namespace auscult::cli {
namespace {

constexpr char kDescription[] =
    "Judge process readings of known truth without a server: tables with a column for each "
    "quantity and one that\nsays where the machine is ill, or manifests of such tables. The first "
    "rows of every file are learnt from.";

struct EvaluateProcessOptions {
  std::vector<std::string> files;
  ProcessTable layout;
  bool json = false;
};

absl::StatusOr<std::vector<std::string>> FilesOf(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!IsManifest(path)) {
      files.push_back(path);
      continue;
    }
    const absl::StatusOr<NamedTable> manifest = ReadManifest(path);
    if (!manifest.ok()) return manifest.status();
    for (const NamedRow& row : manifest->rows) files.push_back(FileOfRow(*manifest, row));
  }
  return files;
}

absl::Status Run(const EvaluateProcessOptions& options, const Terminal& terminal) {
  const absl::StatusOr<std::vector<std::string>> files = FilesOf(options.files);
  if (!files.ok()) return files.status();
  std::vector<ProcessVerdicts> judged;
  for (const std::string& file : *files) {
    absl::StatusOr<ProcessVerdicts> verdicts = JudgeProcessFile(file, options.layout);
    if (!verdicts.ok()) return verdicts.status();
    judged.push_back(*std::move(verdicts));
  }
  terminal.out << (options.json ? ProcessJson(judged) : ProcessText(judged));
  return absl::OkStatus();
}

}  // namespace

void AddEvaluateProcess(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<EvaluateProcessOptions>();
  CLI::App* command = app.add_subcommand("evaluate-process", kDescription);
  command->add_option("FILE", options->files, "Tables, or manifests of them")->required();
  command
      ->add_option("--label", options->layout.label,
                   "Column that is above 0 where the machine is ill")
      ->type_name("COLUMN")
      ->capture_default_str();
  command->add_option("--ignore", options->layout.ignored, "Column that is no quantity")
      ->type_name("COLUMN")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print one JSON object");
  command->callback([options, &chosen] {
    chosen = [options](const Terminal& terminal) { return Run(*options, terminal); };
  });
}

}  // namespace auscult::cli
