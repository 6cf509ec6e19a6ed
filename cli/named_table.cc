#include "cli/named_table.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/cell.h"
#include "cli/file_bytes.h"

namespace auscult::cli {
namespace {

constexpr int64_t kMaxTableBytes = 64 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// "Sampling Rate" -> "sampling_rate".
std::string Normalised(const std::string& name) {
  std::string text(absl::StripAsciiWhitespace(name));
  for (char& c : text) {
    c = c == ' ' || c == '-' ? '_' : absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return text;
}

std::string MeantBy(const std::string& normalised, std::span<const ColumnAlias> aliases) {
  for (const ColumnAlias& alias : aliases) {
    if (alias.name == normalised) return std::string(alias.column);
  }
  return normalised;
}

// What every column means. One that is called so goes before one that only means it.
std::vector<std::string> MeaningsOf(const std::vector<std::string>& columns,
                                    std::span<const ColumnAlias> aliases) {
  std::vector<std::string> meant(columns.size());
  for (const bool exact : {true, false}) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string normalised = Normalised(columns[i]);
      const std::string meaning = MeantBy(normalised, aliases);
      const bool is_taken = std::find(meant.begin(), meant.end(), meaning) != meant.end();
      if ((meaning == normalised) == exact && !is_taken) meant[i] = meaning;
    }
  }
  return meant;
}

std::string_view FirstLine(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text.substr(0, std::min(text.size(), text.find_first_of("\r\n")));
}

// By the header alone: cells of text may hold any delimiter.
TableDialect DialectOf(std::string_view text) {
  const std::string_view header = FirstLine(text);
  TableDialect dialect;
  for (const char delimiter : {'\t', ';'}) {
    if (std::count(header.begin(), header.end(), delimiter) >
        std::count(header.begin(), header.end(), dialect.delimiter)) {
      dialect.delimiter = delimiter;
    }
  }
  return dialect;
}

}  // namespace

class NamedRowReader : public TableVisitor {
 public:
  NamedRowReader(std::span<const ColumnAlias> aliases, NamedTable& table)
      : aliases_(aliases), table_(table) {}

  bool Row(std::vector<TableCell>& row) override {
    if (table_.columns.empty()) {
      for (const TableCell& cell : row) {
        table_.columns.emplace_back(absl::StripAsciiWhitespace(cell.text));
      }
      table_.meant_ = MeaningsOf(table_.columns, aliases_);
      return true;
    }
    NamedRow& read = table_.rows.emplace_back();
    read.line = row[0].line;
    if (row.size() != table_.columns.size()) {
      read.problem = absl::StrCat("has ", row.size(), " cells, the header has ",
                                  table_.columns.size(), "; quote cells that hold the delimiter");
      return true;
    }
    for (size_t i = 0; i < row.size(); ++i) {
      if (!table_.meant_[i].empty()) read.cells[table_.meant_[i]] = row[i];
      read.cells[table_.columns[i]] = std::move(row[i]);
    }
    return true;
  }

 private:
  const std::span<const ColumnAlias> aliases_;
  NamedTable& table_;
};

std::string NamedRow::Text(const std::string& column) const {
  const auto found = cells.find(column);
  if (found == cells.end()) return "";
  return std::string(absl::StripAsciiWhitespace(found->second.text));
}

std::optional<double> NamedRow::Number(const std::string& column) const {
  return ParseNumber(Text(column));
}

bool NamedTable::Has(const std::string& column) const {
  return std::find(meant_.begin(), meant_.end(), column) != meant_.end();
}

absl::StatusOr<NamedTable> ReadNamedTable(const std::string& path,
                                          std::span<const ColumnAlias> aliases) {
  absl::StatusOr<std::string> bytes = ReadFileBytes(path, kMaxTableBytes);
  if (!bytes.ok()) return bytes.status();
  std::string_view text = *bytes;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  NamedTable table;
  table.path = path;
  NamedRowReader reader(aliases, table);
  if (absl::Status status = ParseTable(text, DialectOf(text), reader); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
  }
  return table;
}

std::vector<std::string> ColumnsOfHeader(std::string_view text,
                                         std::span<const ColumnAlias> aliases) {
  const std::vector<std::string> columns =
      absl::StrSplit(std::string(FirstLine(text)), DialectOf(text).delimiter);
  return MeaningsOf(columns, aliases);
}

}  // namespace auscult::cli
