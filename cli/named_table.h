#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/table_text.h"

namespace auscult::cli {

// What a column may be called, in lower case with underscores, and what it is called here.
struct ColumnAlias {
  std::string_view name;
  std::string_view column;
};

// One row by the names of its columns, both as the file writes them and as the program knows them:
// a column "Sampling Rate" is found as "sampling_hz" too.
struct NamedRow {
  int line = 0;
  std::string problem;  // "" or why the row cannot be read; it has no cells then
  std::map<std::string, TableCell> cells;

  // Without blanks around it; "" where the column or the cell is not there.
  std::string Text(const std::string& column) const;
  // Nothing where the text is not just a number: "~1790" is not one.
  std::optional<double> Number(const std::string& column) const;
};

// A table of text with a header.
struct NamedTable {
  std::string path;
  std::vector<std::string> columns;  // as the header writes them
  std::vector<NamedRow> rows;

  // Whether the header has the column or one that means it.
  bool Has(const std::string& column) const;

 private:
  friend absl::StatusOr<NamedTable> ReadNamedTable(const std::string&,
                                                   std::span<const ColumnAlias>);
  friend class NamedRowReader;
  std::vector<std::string> meant_;  // what each column means; "" where another means it already
};

// Reads a comma-, semicolon- or tab-separated table. Fails with the path and what is wrong; a row
// of the wrong length is a row with a problem, not a failure.
absl::StatusOr<NamedTable> ReadNamedTable(const std::string& path,
                                          std::span<const ColumnAlias> aliases);

// The names of the columns in the first line of a text, as they are meant.
std::vector<std::string> ColumnsOfHeader(std::string_view text,
                                         std::span<const ColumnAlias> aliases);

}  // namespace auscult::cli
