#include "cli/labelled_rows.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/manifest.h"
#include "cli/read_recording.h"

namespace auscult::cli {
namespace {

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

absl::Status TakeRows(const OpenManifest& manifest, const LabelledRowOptions& options,
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

// Samples first .. first + count - 1 of every channel.
Recording PieceOf(const Recording& whole, size_t first, size_t count) {
  Recording piece = whole;
  for (size_t c = 0; c < piece.channels.size(); ++c) {
    const auto begin = whole.channels[c].samples.begin() + static_cast<ptrdiff_t>(first);
    piece.channels[c].samples.assign(begin, begin + static_cast<ptrdiff_t>(count));
  }
  return piece;
}

void AddRowOptions(CLI::App& command, LabelledRowOptions& options) {
  const std::string group = "Rows";
  command.add_option("--where", options.where, "Only rows in which COLUMN is TEXT")
      ->group(group)
      ->type_name("COLUMN=TEXT");
  command
      .add_option("--channel", options.channel,
                  "Of manifests that list files once for each channel, only rows of this one")
      ->group(group)
      ->type_name("NAME");
  auto* pieces =
      command.add_option("--pieces", options.cut.pieces, "Cut every recording into so many")
          ->check(CLI::Range(1, 100000))
          ->group(group);
  command
      .add_option("--piece-samples", options.cut.piece_samples,
                  "Cut into pieces of so many samples")
      ->check(CLI::Range(256, 4 << 20))
      ->excludes(pieces)
      ->group(group);
}

void AddRecordingOptions(CLI::App& command, LabelledRowOptions& options) {
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
  command.add_option("--sidecar", options.defaults.sidecar, "Description of raw samples")
      ->group(group)
      ->type_name("FILE");
}

}  // namespace

void AddLabelledRowOptions(CLI::App& command, LabelledRowOptions& options) {
  AddRowOptions(command, options);
  AddRecordingOptions(command, options);
  AddMachineOptions(command, options.machine);
}

absl::StatusOr<LabelledRows> ReadLabelledRows(LabelledRowOptions options) {
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
  LabelledRows rows;
  for (const OpenManifest& manifest : manifests) {
    if (absl::Status status = TakeRows(manifest, options, rows.records, rows.bad); !status.ok()) {
      return status;
    }
  }
  return rows;
}

absl::Status ForEachPiece(const LabelledRecord& record, const Cut& cut,
                          const std::function<absl::Status(const Recording&, int)>& use) {
  absl::StatusOr<std::unique_ptr<RecordFile>> file = OpenLabelled(record);
  if (!file.ok()) return file.status();
  int piece = 0;
  for (int64_t index = 0; index < (*file)->record_count(); ++index) {
    absl::StatusOr<Recording> recording = (*file)->Read(index);
    if (!recording.ok()) return recording.status();
    const size_t samples = recording->sample_count();
    const size_t count = cut.pieces > 0          ? samples / static_cast<size_t>(cut.pieces)
                         : cut.piece_samples > 0 ? static_cast<size_t>(cut.piece_samples)
                                                 : samples;
    const size_t pieces = count == 0 ? 0 : samples / count;
    if (pieces == 0) {
      return absl::InvalidArgumentError(absl::StrCat(recording->source, " has ", samples,
                                                     " samples: too few to be cut like that"));
    }
    const bool is_whole = pieces == 1 && (*file)->record_count() == 1;
    for (size_t i = 0; i < (cut.pieces > 0 ? static_cast<size_t>(cut.pieces) : pieces); ++i) {
      absl::Status status =
          is_whole ? use(*recording, 0) : use(PieceOf(*recording, i * count, count), ++piece);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace auscult::cli
