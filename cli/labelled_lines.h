#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/table.h"

namespace auscult::cli {

// Text with labels in the margin, broken into lines between words.
class LabelledLines {
 public:
  LabelledLines(int width, bool colours) : width_(width), colours_(colours) {}
  explicit LabelledLines(const Terminal& terminal)
      : LabelledLines(terminal.width, terminal.out_is_terminal) {}

  // Nothing for an empty text. `label` "" goes on with the label before.
  void Add(const std::string& label, std::string_view text, Colour colour = Colour::kNone);
  // As it is, from the first column.
  void AddPlain(std::string_view text) { text_ += text; }

  const std::string& text() const { return text_; }

 private:
  const int width_;
  const bool colours_;
  std::string text_;
};

}  // namespace auscult::cli
