#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace auscult::cli {

enum class Align { kLeft, kRight };

// Rows of text in columns as wide as they need. Widths count characters as a terminal shows them:
// UTF-8 sequences once, colours not at all.
class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void AddRow(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // With a line of titles unless all are empty; every line begins with `indent` blanks, and none
  // ends in blanks.
  std::string Render(int indent = 0) const;

 private:
  std::string RenderRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                        int indent) const;
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Characters that a terminal shows for `text`.
size_t ShownWidth(std::string_view text);

// `text` broken between words into lines of at most `width` characters.
std::vector<std::string> Wrap(std::string_view text, size_t width);

enum class Colour { kNone, kBold, kDim, kGreen, kYellow, kRed, kBlue };

// `text` in a colour, or as it is where `enabled` is false.
std::string Coloured(const std::string& text, Colour colour, bool enabled);

}  // namespace auscult::cli
