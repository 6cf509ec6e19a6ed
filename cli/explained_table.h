#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/table.h"

namespace auscult::cli {

// Rows of a table with sentences between them, wrapped to the terminal.
class ExplainedTable {
 public:
  // `terminal` outlives it.
  ExplainedTable(std::vector<Table::Column> columns, const Terminal& terminal)
      : table_(std::move(columns)), terminal_(terminal) {}

  void Add(std::vector<std::string> cells, std::vector<std::string> sentences);
  void Print() const;

 private:
  Table table_;
  std::vector<std::vector<std::string>> sentences_;
  const Terminal& terminal_;
};

}  // namespace auscult::cli
