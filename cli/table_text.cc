#include "cli/table_text.h"

#include <csv.h>

#include <algorithm>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace auscult::cli {
namespace {

constexpr int kSniffedLines = 40;

std::vector<std::string_view> FirstLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && static_cast<int>(lines.size()) < kSniffedLines) {
    const size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.find_first_not_of(" \t") != std::string_view::npos) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// How many lines hold the most common nonzero number of `delimiter`.
int EvenLines(const std::vector<std::string_view>& lines, char delimiter) {
  std::map<int64_t, int> lines_by_count;
  for (std::string_view line : lines) {
    int64_t count = 0;
    bool inside_run = true;  // leading blanks do not divide
    for (const char c : line) {
      const bool hit = c == delimiter;
      if (hit && !(delimiter == ' ' && inside_run)) ++count;
      inside_run = hit;
    }
    if (delimiter == ' ' && inside_run && count > 0) --count;  // nor do trailing ones
    if (count > 0) ++lines_by_count[count];
  }
  int best = 0;
  for (const auto& [count, number] : lines_by_count) best = std::max(best, number);
  return best;
}

// State of one libcsv parse.
struct Parse {
  TableVisitor* visitor = nullptr;
  TableDialect dialect;
  std::vector<TableCell> row;
  int line = 1;
  int column = 1;
  bool blank = true;
  bool stopped = false;
  absl::Status status;
};

void TakeCell(void* bytes, size_t count, void* context) {
  Parse& parse = *static_cast<Parse*>(context);
  if (parse.stopped) return;
  if (parse.dialect.delimiter == ' ' && count == 0) return;  // a run of blanks
  if (parse.column > kMaxColumns) {
    parse.stopped = true;
    parse.status =
        absl::InvalidArgumentError(absl::StrCat("line ", parse.line, " has more than ", kMaxColumns,
                                                " cells; a recording has one row for each sample"));
    return;
  }
  std::string text(static_cast<const char*>(bytes), count);
  if (!text.empty()) parse.blank = false;
  parse.row.push_back({std::move(text), parse.line, parse.column++});
}

void TakeRow(int terminator, void* context) {
  Parse& parse = *static_cast<Parse*>(context);
  if (!parse.stopped && !parse.blank && !parse.row.empty() && !parse.visitor->Row(parse.row)) {
    parse.stopped = true;
  }
  parse.row.clear();
  parse.column = 1;
  parse.blank = true;
  if (terminator == '\n') ++parse.line;
}

absl::Status CheckIsText(std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return absl::InvalidArgumentError("the text is UTF-16; save it as UTF-8");
  }
  const size_t nul = text.find('\0');
  if (nul == std::string_view::npos) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "byte ", nul, " (line ", 1 + std::count(text.begin(), text.begin() + nul, '\n'),
      ") is 0: this is no text. Raw samples need a description beside them; see \"auscult analyze "
      "--help\""));
}

}  // namespace

TableDialect SniffDialect(std::string_view text) {
  const std::vector<std::string_view> lines = FirstLines(text);
  TableDialect dialect;
  int best = 0;
  for (const char delimiter : {'\t', ';', ',', ' '}) {
    const int even = EvenLines(lines, delimiter);
    if (even > best) {
      best = even;
      dialect.delimiter = delimiter;
    }
  }
  if (dialect.delimiter == ',') return dialect;
  int commas = 0;
  int points = 0;
  for (size_t i = lines.size() / 2; i < lines.size(); ++i) {  // what comes after the header
    commas += static_cast<int>(std::count(lines[i].begin(), lines[i].end(), ','));
    points += static_cast<int>(std::count(lines[i].begin(), lines[i].end(), '.'));
  }
  dialect.decimal_comma = commas > points;
  return dialect;
}

absl::Status ParseTable(std::string_view text, TableDialect dialect, TableVisitor& visitor) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (absl::Status status = CheckIsText(text); !status.ok()) return status;
  Parse parse;
  parse.visitor = &visitor;
  parse.dialect = dialect;
  csv_parser parser;
  if (csv_init(&parser, CSV_REPALL_NL) != 0) return absl::ResourceExhaustedError("out of memory");
  csv_set_delim(&parser, static_cast<unsigned char>(dialect.delimiter));
  if (dialect.delimiter == '\t' || dialect.delimiter == ' ') {
    // Otherwise libcsv takes them for space around a cell and never divides there.
    csv_set_space_func(&parser, [](unsigned char) { return 0; });
  }
  constexpr size_t kChunkBytes = 1 << 16;
  bool ok = true;
  for (size_t at = 0; ok && !parse.stopped && at < text.size(); at += kChunkBytes) {
    const std::string_view chunk = text.substr(at, kChunkBytes);
    ok = csv_parse(&parser, chunk.data(), chunk.size(), TakeCell, TakeRow, &parse) == chunk.size();
  }
  if (ok && !parse.stopped) ok = csv_fini(&parser, TakeCell, TakeRow, &parse) == 0;
  const int error = csv_error(&parser);
  csv_free(&parser);
  if (!ok) {
    return absl::InvalidArgumentError(absl::StrCat("line ", parse.line, ": ", csv_strerror(error)));
  }
  return parse.status;
}

}  // namespace auscult::cli
