#include "cli/manifest.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/cell.h"
#include "cli/command.h"
#include "cli/file_bytes.h"
#include "cli/table_text.h"

namespace auscult::cli {
namespace {

constexpr int64_t kMaxManifestBytes = 64 << 20;
constexpr size_t kMaxId = 63;

using Row = std::map<std::string, TableCell>;

// Rows by the names of their columns.
class RowReader : public TableVisitor {
 public:
  bool Row(std::vector<TableCell>& row) override {
    if (names_.empty()) {
      for (const TableCell& cell : row) names_.push_back(cell.text);
      return true;
    }
    if (row.size() != names_.size()) {
      status_ = absl::InvalidArgumentError(absl::StrCat("line ", row[0].line, " has ", row.size(),
                                                        " cells, the header has ", names_.size()));
      return false;
    }
    auto& cells = rows_.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) cells[names_[i]] = std::move(row[i]);
    return true;
  }

  const absl::Status& status() const { return status_; }
  const std::vector<std::string>& names() const { return names_; }
  std::vector<std::map<std::string, TableCell>>& rows() { return rows_; }

 private:
  std::vector<std::string> names_;
  std::vector<std::map<std::string, TableCell>> rows_;
  absl::Status status_;
};

std::string TextOf(const Row& row, const std::string& column) {
  const auto found = row.find(column);
  return found == row.end() ? "" : found->second.text;
}

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

absl::StatusOr<std::string> PointOf(const std::string& pattern, const Row& row) {
  if (pattern.empty()) return TextOf(row, "point");
  std::string name;
  for (size_t at = 0; at < pattern.size();) {
    const size_t open = pattern.find('{', at);
    const size_t close = open == std::string::npos ? open : pattern.find('}', open);
    if (close == std::string::npos) return name + pattern.substr(at);
    const std::string column = pattern.substr(open + 1, close - open - 1);
    if (!row.contains(column)) {
      return WrongUse(absl::StrCat("--point: the manifest has no column \"", column, "\""));
    }
    absl::StrAppend(&name, pattern.substr(at, open - at), IdOf(TextOf(row, column)));
    at = close + 1;
  }
  return name;
}

absl::StatusOr<bool> IsWanted(const Row& row, const std::vector<std::string>& where) {
  for (const std::string& condition : where) {
    const std::vector<std::string> parts = absl::StrSplit(condition, absl::MaxSplits('=', 1));
    if (parts.size() != 2 || !row.contains(parts[0])) {
      return WrongUse(absl::StrCat("--where: \"", condition,
                                   "\" is not understood; write COLUMN=TEXT with a column of the "
                                   "manifest"));
    }
    if (TextOf(row, parts[0]) != parts[1]) return false;
  }
  return true;
}

// Takes a number where the column is there and holds one; text beside it ("~1790") is not one.
template <typename T>
void TakeNumber(const Row& row, const std::string& column, T& value) {
  const std::optional<double> number = ParseNumber(TextOf(row, column));
  if (number) value = static_cast<T>(*number);
}

absl::StatusOr<ReplayFile> FileOf(const Row& row, const std::string& folder,
                                  const SendOptions& send) {
  ReplayFile file;
  file.path = (std::filesystem::path(folder) / TextOf(row, "file")).string();
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
  if (send.unit.empty()) file.send.unit = TextOf(row, "unit");
  if (const std::string text = TextOf(row, "measured_at"); !text.empty()) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
      const TableCell& cell = row.at("measured_at");
      return absl::InvalidArgumentError(absl::StrCat("line ", cell.line, ", column ", cell.column,
                                                     ": \"", text,
                                                     "\" is not a time like 2010-12-01T06:00:00Z"));
    }
    file.measured_at = time;
  }
  return file;
}

}  // namespace

bool IsManifest(const std::string& path) {
  std::ifstream file(path);
  std::string line(4096, '\0');
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  line.resize(static_cast<size_t>(file.gcount()));
  line.resize(std::min(line.size(), line.find_first_of("\r\n")));
  const std::vector<std::string> names = absl::StrSplit(line, ',');
  return std::find(names.begin(), names.end(), "file") != names.end();
}

absl::StatusOr<std::vector<ReplayFile>> ReadManifest(const std::string& path,
                                                     const SendOptions& send,
                                                     const std::vector<std::string>& where) {
  absl::StatusOr<std::string> text = ReadFileBytes(path, kMaxManifestBytes);
  if (!text.ok()) return text.status();
  RowReader reader;
  absl::Status status = ParseTable(*text, TableDialect{}, reader);
  if (status.ok()) status = reader.status();
  const std::string folder = std::filesystem::path(path).parent_path().string();
  std::vector<ReplayFile> files;
  for (const auto& row : reader.rows()) {
    if (!status.ok()) break;
    absl::StatusOr<bool> wanted = IsWanted(row, where);
    if (!wanted.ok()) return wanted.status();
    if (!*wanted) continue;
    absl::StatusOr<ReplayFile> file = FileOf(row, folder, send);
    if (!file.ok()) {
      status = file.status();
      break;
    }
    // A row for each channel of a file: they are of one recording where they go to one point.
    const bool repeats = !files.empty() && files.back().path == file->path &&
                         files.back().send.point == file->send.point;
    if (!repeats) files.push_back(*std::move(file));
  }
  if (!status.ok()) {
    if (IsWrongUse(status)) return status;
    return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
  }
  if (files.empty()) {
    return absl::NotFoundError(
        absl::StrCat(path, " lists no file", where.empty() ? "" : " that --where keeps",
                     "; its columns are ", absl::StrJoin(reader.names(), ", ")));
  }
  return files;
}

}  // namespace auscult::cli
