#include "cli/replay_files.h"

#include <algorithm>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/command.h"
#include "cli/manifest.h"

namespace auscult::cli {
namespace {

constexpr size_t kMaxId = 63;

// "InnerRaceFault_vload_1" -> "innerracefault-vload-1", as ids are written.
std::string IdOf(const std::string& text) {
  std::string id;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte)) {
      id += absl::ascii_tolower(byte);
    } else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  id.resize(std::min(id.size(), kMaxId));
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id;
}

absl::StatusOr<std::string> PointOf(const std::string& pattern, const NamedRow& row) {
  if (pattern.empty()) return row.Text("point");
  std::string name;
  for (size_t at = 0; at < pattern.size();) {
    const size_t open = pattern.find('{', at);
    const size_t close = open == std::string::npos ? open : pattern.find('}', open);
    if (close == std::string::npos) return name + pattern.substr(at);
    const std::string column = pattern.substr(open + 1, close - open - 1);
    if (!row.cells.contains(column)) {
      return WrongUse(absl::StrCat("--point: the manifest has no column \"", column, "\""));
    }
    absl::StrAppend(&name, pattern.substr(at, open - at), IdOf(row.Text(column)));
    at = close + 1;
  }
  return name;
}

// Takes a number where the column is there and holds one.
template <typename T>
void TakeNumber(const NamedRow& row, const std::string& column, T& value) {
  if (const std::optional<double> number = row.Number(column)) value = static_cast<T>(*number);
}

absl::StatusOr<ReplayFile> FileOf(const NamedTable& manifest, const NamedRow& row,
                                  const SendOptions& send) {
  if (!row.problem.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("line ", row.line, " ", row.problem));
  }
  ReplayFile file;
  file.path = FileOfRow(manifest, row);
  file.send = send;
  absl::StatusOr<std::string> point = PointOf(send.point, row);
  if (!point.ok()) return point.status();
  if (point->empty()) {
    return WrongUse("the manifest has no column \"point\"; give --point");
  }
  file.send.point = *std::move(point);
  if (send.rate_hz == 0) TakeNumber(row, "sampling_hz", file.send.rate_hz);
  if (std::isnan(send.speed_rpm)) TakeNumber(row, "speed_rpm", file.send.speed_rpm);
  if (std::isnan(send.load_percent)) TakeNumber(row, "load_percent", file.send.load_percent);
  if (send.unit.empty()) file.send.unit = row.Text("unit");
  if (const std::string text = row.Text("measured_at"); !text.empty()) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
      const TableCell& cell = row.cells.at("measured_at");
      return absl::InvalidArgumentError(absl::StrCat("line ", cell.line, ", column ", cell.column,
                                                     ": \"", text,
                                                     "\" is not a time like 2010-12-01T06:00:00Z"));
    }
    file.measured_at = time;
  }
  return file;
}

}  // namespace

absl::StatusOr<std::vector<ReplayFile>> ReplayFilesOf(const std::string& manifest_path,
                                                      const SendOptions& send,
                                                      const std::vector<std::string>& where) {
  absl::StatusOr<NamedTable> manifest = ReadManifest(manifest_path);
  if (!manifest.ok()) return manifest.status();
  std::vector<ReplayFile> files;
  for (const NamedRow& row : manifest->rows) {
    if (row.problem.empty()) {
      absl::StatusOr<bool> wanted = RowIsWanted(*manifest, row, where);
      if (!wanted.ok()) return wanted.status();
      if (!*wanted) continue;
    }
    absl::StatusOr<ReplayFile> file = FileOf(*manifest, row, send);
    if (!file.ok()) {
      if (IsWrongUse(file.status())) return file.status();
      return absl::Status(file.status().code(),
                          absl::StrCat(manifest_path, ": ", file.status().message()));
    }
    const bool repeats = !files.empty() && files.back().path == file->path &&
                         files.back().send.point == file->send.point;
    if (!repeats) files.push_back(*std::move(file));
  }
  if (files.empty()) {
    return absl::NotFoundError(
        absl::StrCat(manifest_path, " lists no file", where.empty() ? "" : " that --where keeps",
                     "; its columns are ", absl::StrJoin(manifest->columns, ", ")));
  }
  return files;
}

}  // namespace auscult::cli
