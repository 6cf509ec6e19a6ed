#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace auscult::cli {

// A table of numbers with what stands above it.
struct NumberTable {
  struct Column {
    std::string name;            // without its unit, "" where the table has no header
    std::string unit;            // from the name, "I (A)", or from a row of units; "" = none
    bool is_text = false;        // its first cell is text: kept out of `values`
    bool is_clock = false;       // cells are times: `values` holds seconds
    std::vector<double> values;  // NaN for an empty cell
  };
  std::vector<Column> columns;
  bool has_header = false;
  int first_line = 0;  // of the first row of numbers
  size_t row_count() const;
};

// Reads a table of numbers: lines of remarks, a header and a row of units are recognised by not
// being numbers; a column without name and values at the right edge is dropped. INVALID_ARGUMENT
// names line, column and text of a cell that is no number, and of a row of another length.
absl::StatusOr<NumberTable> ReadNumberTable(std::string_view text);

}  // namespace auscult::cli
