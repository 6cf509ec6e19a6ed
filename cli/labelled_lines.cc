#include "cli/labelled_lines.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace auscult::cli {
namespace {

constexpr size_t kLabelWidth = 10;
constexpr int kLeastWidth = 40;

}  // namespace

void LabelledLines::Add(const std::string& label, std::string_view text, Colour colour) {
  if (text.empty()) return;
  std::string margin = label;
  margin.resize(std::max(kLabelWidth, label.size() + 1), ' ');
  const size_t width = static_cast<size_t>(std::max(kLeastWidth, width_)) - kLabelWidth;
  for (const std::string& line : Wrap(text, width)) {
    absl::StrAppend(&text_, margin, Coloured(line, colour, colours_), "\n");
    margin.assign(kLabelWidth, ' ');
  }
}

}  // namespace auscult::cli
