#include "cli/explained_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"

namespace auscult::cli {
namespace {

constexpr int kIndent = 11;

}  // namespace

void ExplainedTable::Add(std::vector<std::string> cells, std::vector<std::string> sentences) {
  table_.AddRow(std::move(cells));
  sentences_.push_back(std::move(sentences));
}

void ExplainedTable::Print() const {
  const std::vector<std::string> lines = absl::StrSplit(table_.Render(), '\n');
  terminal_.out << lines[0] << "\n";
  const auto width = static_cast<size_t>(std::max(40, terminal_.width - kIndent));
  for (size_t i = 0; i < sentences_.size(); ++i) {
    terminal_.out << lines[i + 1] << "\n";
    for (const std::string& sentence : sentences_[i]) {
      for (const std::string& line : Wrap(sentence, width)) {
        terminal_.out << std::string(kIndent, ' ')
                      << Coloured(line, Colour::kDim, terminal_.out_is_terminal) << "\n";
      }
    }
  }
}

}  // namespace auscult::cli
