#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/evaluation_report.h"
#include "cli/labelled_record.h"
#include "cli/machine_options.h"
#include "cli/manifest.h"
#include "cli/progress.h"

namespace auscult::cli {
namespace {

constexpr char kDescription[] =
    "Judge recordings of known truth without a server, and say how often the verdict is right.\n"
    "A manifest is a table with a header; columns in any order: file (relative to it), label, "
    "sampling_hz, rpm,\nchannel, bearing_model or bpfo, bpfi, bsf, ftf, unit, dataset, record_id, "
    "fault_size, supply_hz, pole_pairs.";

struct EvaluateOptions {
  std::vector<std::string> manifests;
  std::vector<std::string> where;
  std::string channel;
  std::string bearings;
  LabelledDefaults defaults;
  MachineOptions machine;
  EvaluationOptions evaluation;
  EvaluationStyle style;
  bool json = false;
  bool skip_bad = false;
};

// Rows of one manifest with the bearings it knows.
struct OpenManifest {
  NamedTable table;
  BearingTable bearings;
};

absl::StatusOr<OpenManifest> Open(const std::string& path, const std::string& bearings) {
  absl::StatusOr<NamedTable> table = ReadManifest(path);
  if (!table.ok()) return table.status();
  OpenManifest manifest{*std::move(table), {}};
  const std::string beside = bearings.empty() ? FindBearingTable(path) : bearings;
  if (beside.empty()) return manifest;
  absl::StatusOr<BearingTable> known = BearingTable::Read(beside);
  if (!known.ok()) return known.status();
  manifest.bearings = *std::move(known);
  return manifest;
}

// Where rows of a manifest are of the channel asked for, only those count; a manifest that has none
// does not say its channels by these names.
bool HasChannel(const NamedTable& table, const std::string& channel) {
  return std::any_of(table.rows.begin(), table.rows.end(), [&](const NamedRow& row) {
    return absl::EqualsIgnoreCase(row.Text("channel"), channel);
  });
}

absl::Status NoSuchChannel(const std::vector<OpenManifest>& manifests, const std::string& channel) {
  std::set<std::string> known;
  for (const OpenManifest& manifest : manifests) {
    for (const NamedRow& row : manifest.table.rows) known.insert(row.Text("channel"));
  }
  return WrongUse(absl::StrCat("--channel: no row of the manifests is of channel \"", channel,
                               "\"; their channels are ", absl::StrJoin(known, ", ")));
}

absl::Status TakeRows(const OpenManifest& manifest, const EvaluateOptions& options,
                      std::vector<LabelledRecord>& records, std::vector<BadRow>& bad) {
  const bool by_channel = !options.channel.empty() && HasChannel(manifest.table, options.channel);
  for (const NamedRow& row : manifest.table.rows) {
    if (row.problem.empty()) {
      absl::StatusOr<bool> wanted = RowIsWanted(manifest.table, row, options.where);
      if (!wanted.ok()) return wanted.status();
      if (!*wanted) continue;
      if (by_channel && !absl::EqualsIgnoreCase(row.Text("channel"), options.channel)) continue;
    }
    absl::StatusOr<LabelledRecord> record =
        LabelledRecordOf(manifest.table, row, manifest.bearings, options.defaults);
    if (record.ok()) {
      records.push_back(*std::move(record));
    } else {
      bad.push_back({manifest.table.path, row.line, std::string(record.status().message())});
    }
  }
  return absl::OkStatus();
}

absl::Status Run(EvaluateOptions options, const Terminal& terminal) {
  absl::StatusOr<features::Machine> machine = MachineOf(options.machine);
  if (!machine.ok()) return machine.status();
  options.defaults.machine = *std::move(machine);
  std::vector<OpenManifest> manifests;
  for (const std::string& path : options.manifests) {
    absl::StatusOr<OpenManifest> manifest = Open(path, options.bearings);
    if (!manifest.ok()) return manifest.status();
    manifests.push_back(*std::move(manifest));
  }
  if (!options.channel.empty() &&
      std::none_of(manifests.begin(), manifests.end(), [&](const OpenManifest& manifest) {
        return HasChannel(manifest.table, options.channel);
      })) {
    return NoSuchChannel(manifests, options.channel);
  }
  std::vector<LabelledRecord> records;
  std::vector<BadRow> bad;
  for (const OpenManifest& manifest : manifests) {
    if (absl::Status status = TakeRows(manifest, options, records, bad); !status.ok()) {
      return status;
    }
  }
  if (records.empty() && bad.empty()) {
    return WrongUse(absl::StrCat("no row of the manifests is left to be judged",
                                 options.where.empty() ? "" : "; --where keeps none"));
  }
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

void AddRowOptions(CLI::App& command, EvaluateOptions& options) {
  const std::string group = "Rows";
  command.add_option("--where", options.where, "Only rows in which COLUMN is TEXT")
      ->group(group)
      ->type_name("COLUMN=TEXT");
  command
      .add_option("--channel", options.channel,
                  "Of manifests that list files once for each channel, only rows of this one")
      ->group(group)
      ->type_name("NAME");
  command.add_flag("--skip-bad", options.skip_bad, "End with 0 though rows could not be judged")
      ->group(group);
  auto* pieces =
      command
          .add_option("--pieces", options.evaluation.cut.pieces, "Cut every recording into so many")
          ->check(CLI::Range(1, 100000))
          ->group(group);
  command
      .add_option("--piece-samples", options.evaluation.cut.piece_samples,
                  "Cut into pieces of so many samples")
      ->check(CLI::Range(256, 4 << 20))
      ->excludes(pieces)
      ->group(group);
}

void AddRecordingOptions(CLI::App& command, EvaluateOptions& options) {
  const std::string group = "Recordings";
  AnalysisOptions& analysis = options.defaults.analysis;
  command
      .add_option("--bearings", options.bearings,
                  "Table of bearings (bearing, BPFO, BPFI, BSF, FTF); without it, BEARINGS.csv "
                  "beside the manifest or one above")
      ->group(group)
      ->type_name("FILE");
  command.add_option("--rate-hz", analysis.rate_hz, "Sampling rate, for all rows")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command.add_option("--speed-rpm", analysis.speed_rpm, "Speed of the shaft, for all rows")
      ->check(CLI::NonNegativeNumber)
      ->group(group);
  command
      .add_flag("--exact-speed", analysis.exact_speed,
                "Take the speeds of the manifest as they are; without it they are nominal, and the "
                "true one is looked for")
      ->group(group);
  command.add_option("--unit", analysis.unit, "Unit, where neither row nor file says it")
      ->group(group);
  command
      .add_option("--interval-s", options.evaluation.interval_s,
                  "Time between the records of a life; without it as manifest or files say")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command
      .add_option("--false-alarms", options.evaluation.policy.false_alarms_per_point_year,
                  "False alarms that are accepted for a point and year, for lives")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  command.add_option("--sidecar", options.defaults.sidecar, "Description of raw samples")
      ->group(group)
      ->type_name("FILE");
}

}  // namespace

void AddEvaluate(CLI::App& app, Action& chosen) {
  auto options = std::make_shared<EvaluateOptions>();
  CLI::App* command = app.add_subcommand("evaluate", kDescription);
  command->add_option("MANIFEST", options->manifests, "Lists of recordings")->required();
  AddRowOptions(*command, *options);
  AddRecordingOptions(*command, *options);
  AddMachineOptions(*command, options->machine);
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
