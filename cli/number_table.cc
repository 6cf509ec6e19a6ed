#include "cli/number_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cli/cell.h"
#include "cli/table_text.h"
#include "features/units.h"

namespace auscult::cli {
namespace {

constexpr size_t kMaxQuotedText = 60;
constexpr int kMaxRowsAboveNumbers = 200;

bool IsBlank(const std::string& text) { return text.find_first_not_of(" \t") == std::string::npos; }

bool IsRemark(const std::vector<TableCell>& row) {
  const std::string& first = row[0].text;
  return first.starts_with('#') || first.starts_with('%') || first.starts_with("//");
}

bool IsUnit(const std::string& text) {
  return text == "-" || features::ParseUnit(text).ok() || SecondsPerUnit(text).has_value();
}

// Rows above the numbers are kept, the numbers go straight into columns.
class NumberTableBuilder : public TableVisitor {
 public:
  explicit NumberTableBuilder(bool decimal_comma) : decimal_comma_(decimal_comma) {}

  bool Row(std::vector<TableCell>& row) override {
    if (IsRemark(row)) return true;
    if (table_.columns.empty()) {
      if (!HoldsNumbers(row)) return KeepAbove(row);
      Begin(row);
    }
    return Append(row);
  }

  absl::StatusOr<NumberTable> Finish() && {
    if (!status_.ok()) return status_;
    if (table_.columns.empty()) {
      return absl::InvalidArgumentError(
          above_.empty() ? "the file is empty; it should hold one row of numbers for each sample"
                         : absl::StrCat("no row of numbers after the ", above_.size(),
                                        " line(s) of text; it should hold one for each sample"));
    }
    while (table_.columns.size() > 1 && IsEmptyEdge(table_.columns.back())) {
      table_.columns.pop_back();
    }
    return std::move(table_);
  }

 private:
  std::optional<double> Value(const std::string& text) const {
    if (IsBlank(text)) return std::numeric_limits<double>::quiet_NaN();
    return ParseNumber(text, decimal_comma_);
  }

  // A row of numbers has more numbers and times than words, and at least one.
  bool HoldsNumbers(const std::vector<TableCell>& row) const {
    int numbers = 0;
    int words = 0;
    for (const TableCell& cell : row) {
      if (IsBlank(cell.text)) continue;
      const bool is_number =
          ParseNumber(cell.text, decimal_comma_).has_value() || ParseClock(cell.text).has_value();
      ++(is_number ? numbers : words);
    }
    return numbers > 0 && numbers >= words;
  }

  bool KeepAbove(std::vector<TableCell>& row) {
    above_.push_back(std::move(row));
    if (above_.size() <= kMaxRowsAboveNumbers) return true;
    status_ = absl::InvalidArgumentError(absl::StrCat(
        "the first ", kMaxRowsAboveNumbers,
        " lines hold no row of numbers; a table of samples has one row for each sample"));
    return false;
  }

  void Begin(const std::vector<TableCell>& row) {
    table_.first_line = row[0].line;
    table_.columns.resize(row.size());
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string& text = row[i].text;
      if (IsBlank(text) || ParseNumber(text, decimal_comma_)) continue;
      table_.columns[i].is_clock = ParseClock(text).has_value();
      table_.columns[i].is_text = !table_.columns[i].is_clock;
    }
    NameColumns();
  }

  void NameColumns() {
    const size_t width = table_.columns.size();
    while (!above_.empty() && above_.back().size() != width) above_.pop_back();
    if (above_.empty()) return;
    std::vector<TableCell> units;
    const bool last_is_units =
        std::all_of(above_.back().begin(), above_.back().end(),
                    [](const TableCell& cell) { return IsBlank(cell.text) || IsUnit(cell.text); });
    if (last_is_units && above_.size() > 1 && above_[above_.size() - 2].size() == width) {
      units = std::move(above_.back());
      above_.pop_back();
    }
    table_.has_header = true;
    for (size_t i = 0; i < width; ++i) {
      NameAndUnit split = SplitUnit(above_.back()[i].text);
      table_.columns[i].name = std::move(split.name);
      table_.columns[i].unit = std::move(split.unit);
      if (!units.empty() && table_.columns[i].unit.empty() && units[i].text != "-") {
        table_.columns[i].unit = units[i].text;
      }
    }
  }

  bool Append(const std::vector<TableCell>& row) {
    if (row.size() != table_.columns.size()) {
      status_ = absl::InvalidArgumentError(absl::StrCat(
          "line ", row[0].line, " has ", row.size(), " cell(s), line ", table_.first_line, " has ",
          table_.columns.size(), "; every row needs one cell for each column"));
      return false;
    }
    for (size_t i = 0; i < row.size(); ++i) {
      NumberTable::Column& column = table_.columns[i];
      if (column.is_text) continue;
      const std::optional<double> value =
          column.is_clock ? ParseClock(row[i].text) : Value(row[i].text);
      if (!value) return Refuse(row[i], column);
      column.values.push_back(*value);
    }
    return true;
  }

  bool Refuse(const TableCell& cell, const NumberTable::Column& column) {
    status_ = absl::InvalidArgumentError(absl::StrCat(
        "line ", cell.line, ", column ", cell.column,
        column.name.empty() ? "" : absl::StrCat(" (", column.name, ")"), ": \"",
        cell.text.substr(0, kMaxQuotedText), "\" is not a ", column.is_clock ? "time" : "number"));
    return false;
  }

  static bool IsEmptyEdge(const NumberTable::Column& column) {
    return column.name.empty() && !column.is_text && !column.is_clock &&
           std::all_of(column.values.begin(), column.values.end(),
                       [](double value) { return std::isnan(value); });
  }

  const bool decimal_comma_;
  std::vector<std::vector<TableCell>> above_;
  NumberTable table_;
  absl::Status status_;
};

}  // namespace

size_t NumberTable::row_count() const {
  for (const Column& column : columns) {
    if (!column.is_text) return column.values.size();
  }
  return 0;
}

absl::StatusOr<NumberTable> ReadNumberTable(std::string_view text) {
  const TableDialect dialect = SniffDialect(text);
  NumberTableBuilder builder(dialect.decimal_comma);
  if (absl::Status status = ParseTable(text, dialect, builder); !status.ok()) return status;
  return std::move(builder).Finish();
}

}  // namespace auscult::cli
