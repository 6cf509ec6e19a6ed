#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace auscult::cli {

// How a text table is written.
struct TableDialect {
  char delimiter = ',';
  bool decimal_comma = false;
};

// Guesses the dialect from the first lines: tab before semicolon before comma before blanks, by
// which of them divides the lines evenly. A decimal comma is believed only beside another
// delimiter.
TableDialect SniffDialect(std::string_view text);

struct TableCell {
  std::string text;
  int line = 0;    // 1 = the first of the file
  int column = 0;  // 1 = the first of the row
};

// The cells of a text table, row by row, before anything is made of them.
class TableVisitor {
 public:
  virtual ~TableVisitor() = default;
  // One row that holds anything but blanks. False stops the parse. `row` may be swapped away.
  virtual bool Row(std::vector<TableCell>& row) = 0;
};

// Splits `text` into rows and cells (RFC 4180 quoting; LF, CR or CRLF; runs of blanks count as one
// delimiter where blanks delimit). INVALID_ARGUMENT with line number for bytes that are no text and
// for rows of more than kMaxColumns cells.
inline constexpr int kMaxColumns = 4096;
absl::Status ParseTable(std::string_view text, TableDialect dialect, TableVisitor& visitor);

}  // namespace auscult::cli
