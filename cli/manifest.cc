#include "cli/manifest.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/command.h"

namespace auscult::cli {
namespace {

constexpr std::array kAliases = {ColumnAlias{"filename", "file"},
                                 ColumnAlias{"file_name", "file"},
                                 ColumnAlias{"filepath", "file"},
                                 ColumnAlias{"file_path", "file"},
                                 ColumnAlias{"path", "file"},
                                 ColumnAlias{"rig", "dataset"},
                                 ColumnAlias{"data_set", "dataset"},
                                 ColumnAlias{"id", "record_id"},
                                 ColumnAlias{"record", "record_id"},
                                 ColumnAlias{"sensor", "channel"},
                                 ColumnAlias{"channels", "channel"},
                                 ColumnAlias{"fs", "sampling_hz"},
                                 ColumnAlias{"fs_hz", "sampling_hz"},
                                 ColumnAlias{"rate_hz", "sampling_hz"},
                                 ColumnAlias{"sample_rate", "sampling_hz"},
                                 ColumnAlias{"sample_rate_hz", "sampling_hz"},
                                 ColumnAlias{"sampling_rate", "sampling_hz"},
                                 ColumnAlias{"sampling_rate_hz", "sampling_hz"},
                                 ColumnAlias{"sampling_frequency", "sampling_hz"},
                                 ColumnAlias{"nominal_rpm", "rpm"},
                                 ColumnAlias{"nominal_speed_rpm", "rpm"},
                                 ColumnAlias{"shaft_rpm", "rpm"},
                                 ColumnAlias{"measured_rpm", "speed_rpm"},
                                 ColumnAlias{"truth", "label"},
                                 ColumnAlias{"class", "label"},
                                 ColumnAlias{"fault", "label"},
                                 ColumnAlias{"fault_type", "label"},
                                 ColumnAlias{"condition", "label"},
                                 ColumnAlias{"size", "fault_size"},
                                 ColumnAlias{"severity", "fault_size"},
                                 ColumnAlias{"bearing", "bearing_model"},
                                 ColumnAlias{"bearing_type", "bearing_model"},
                                 ColumnAlias{"units", "unit"},
                                 ColumnAlias{"line_hz", "supply_hz"},
                                 ColumnAlias{"line_frequency_hz", "supply_hz"},
                                 ColumnAlias{"mains_hz", "supply_hz"},
                                 ColumnAlias{"record_interval_s", "interval_s"}};

}  // namespace

bool IsManifest(const std::string& path) {
  std::ifstream file(path);
  std::string start(4096, '\0');
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<size_t>(file.gcount()));
  const std::vector<std::string> columns = ColumnsOfHeader(start, kAliases);
  return std::find(columns.begin(), columns.end(), "file") != columns.end();
}

absl::StatusOr<NamedTable> ReadManifest(const std::string& path) {
  absl::StatusOr<NamedTable> manifest = ReadNamedTable(path, kAliases);
  if (manifest.ok() && !manifest->Has("file")) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": no column \"file\" in its first line; a manifest is a table with a header: ",
        "file, sampling_hz, rpm, label, bearing_model, ..."));
  }
  return manifest;
}

std::string FileOfRow(const NamedTable& manifest, const NamedRow& row) {
  const std::filesystem::path folder = std::filesystem::path(manifest.path).parent_path();
  const std::string text = row.Text("file");
  std::error_code error;
  if (std::filesystem::exists(folder / text, error)) return (folder / text).string();
  // As lists that were made on Windows write it.
  return (folder / absl::StrReplaceAll(text, {{"\\", "/"}})).string();
}

absl::StatusOr<bool> RowIsWanted(const NamedTable& manifest, const NamedRow& row,
                                 const std::vector<std::string>& where) {
  for (const std::string& condition : where) {
    const std::vector<std::string> parts = absl::StrSplit(condition, absl::MaxSplits('=', 1));
    if (parts.size() != 2 || !row.cells.contains(parts[0])) {
      return WrongUse(absl::StrCat("--where: \"", condition,
                                   "\" is not understood; write COLUMN=TEXT with a column of ",
                                   manifest.path, ": ", absl::StrJoin(manifest.columns, ", ")));
    }
    if (row.Text(parts[0]) != parts[1]) return false;
  }
  return true;
}

}  // namespace auscult::cli
