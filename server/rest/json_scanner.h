#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace auscult::rest {

// Reads a JSON text (RFC 8259) piece by piece. A Take that returns false has moved nowhere
// sensible: the text is not what was asked for, and the caller gives up with Place().
class JsonScanner {
 public:
  enum class Kind { kObject, kArray, kString, kNumber, kTrue, kFalse, kNull, kEnd, kNothing };

  explicit JsonScanner(std::string_view text) : text_(text) {}

  // What comes next, behind white space.
  Kind Peek();
  // One of {}[]:, if it comes next.
  bool Take(char punctuation);
  // "true", "false" or "null", as Peek said.
  bool TakeWord();
  // A string with its escapes undone; must be UTF-8.
  bool TakeString(std::string& value);
  // A number as it is written.
  bool TakeNumber(std::string_view& number);
  // Any value with at most `depth` levels of objects and arrays, as it is written.
  bool TakeValue(int depth, std::string_view& value);

  // "line 2, column 7" of what comes next.
  std::string Place() const;

 private:
  void SkipSpace();
  bool TakeEscape(std::string& value);
  bool TakeCodeUnit(unsigned& unit);
  bool SkipContainer(int depth);

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace auscult::rest
