#include "tests/support/source_text.h"

#include <algorithm>
#include <cctype>
#include <regex>

namespace auscult {
namespace {

// Blanks out comments and the inside of literals, keeping line breaks, so that braces in them do
// not count.
class Stripper {
 public:
  explicit Stripper(const std::string& text) : text_(text) {}

  std::string Run() {
    while (at_ < text_.size()) Step();
    return out_;
  }

 private:
  void Step() {
    if (text_.compare(at_, 2, "//") == 0) {
      SkipTo(text_.find('\n', at_));
    } else if (text_.compare(at_, 2, "/*") == 0) {
      const size_t end = text_.find("*/", at_);
      SkipTo(end == std::string::npos ? end : end + 2);
    } else if (text_.compare(at_, 2, "R\"") == 0) {
      SkipRawString();
    } else if (text_[at_] == '"' || (text_[at_] == '\'' && !IsDigitSeparator())) {
      SkipLiteral(text_[at_]);
    } else {
      out_ += text_[at_++];
    }
  }

  bool IsDigitSeparator() const {
    return at_ > 0 && std::isalnum(static_cast<unsigned char>(text_[at_ - 1]));
  }

  void SkipTo(size_t end) {
    end = std::min(end, text_.size());
    for (; at_ < end; ++at_) {
      if (text_[at_] == '\n') out_ += '\n';
    }
  }

  void SkipRawString() {
    const size_t open = text_.find('(', at_);
    const std::string close = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    const size_t end = text_.find(close, open);
    SkipTo(end == std::string::npos ? end : end + close.size());
  }

  void SkipLiteral(char quote) {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2 : 1;
    SkipTo(end + 1);
  }

  const std::string& text_;
  size_t at_ = 0;
  std::string out_;
};

// Drops preprocessor lines: their braces belong to no block.
std::string WithoutDirectives(const std::string& text) {
  static const std::regex directive("(^|\n)[ \t]*#[^\n]*");
  return std::regex_replace(text, directive, "$1");
}

// Whether the declaration in front of a brace ends like the head of a function.
bool IsFunctionHead(const std::string& head) {
  static const std::regex scope("\\b(namespace|class|struct|enum|union|extern)\\b");
  static const std::regex call("\\)[^;={}]*$|\\)\\s*:[^;{}]*$");
  const bool is_scope = std::regex_search(head, scope) && head.find('(') == std::string::npos;
  return !is_scope && std::regex_search(head, call);
}

}  // namespace

std::vector<std::string> IncludesOf(const std::string& cpp) {
  static const std::regex include("(?:^|\n)[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]+)[>\"]");
  std::vector<std::string> found;
  for (std::sregex_iterator it(cpp.begin(), cpp.end(), include), end; it != end; ++it) {
    found.push_back((*it)[1]);
  }
  return found;
}

std::vector<FunctionSize> FunctionsOf(const std::string& cpp) {
  const std::string text = WithoutDirectives(Stripper(cpp).Run());
  std::vector<FunctionSize> found;
  std::string head;
  int line = 1;
  int depth_in_function = 0;
  for (const char c : text) {
    if (c == '\n') ++line;
    if (depth_in_function > 0) {
      if (c == '{') ++depth_in_function;
      if (c == '}' && --depth_in_function == 0) {
        found.back().lines = line - found.back().first_line + 1;
      }
      continue;
    }
    if (c == '{' && IsFunctionHead(head)) {
      found.push_back({line, 0});
      depth_in_function = 1;
    }
    if (c == '{' || c == '}' || c == ';') {
      head.clear();
    } else {
      head += c;
    }
  }
  return found;
}

}  // namespace auscult
