#include "server/rest/json_scanner.h"

#include <algorithm>

#include "server/rest/percent_code.h"

namespace auscult::rest {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendUtf8(unsigned code, std::string& text) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      text += static_cast<char>(0xE0 | code >> 12);
    } else {
      text += static_cast<char>(0xF0 | code >> 18);
      text += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    }
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
  }
  text += static_cast<char>(0x80 | (code & 0x3F));
}

}  // namespace

void JsonScanner::SkipSpace() {
  const size_t next = text_.find_first_not_of(" \t\r\n", at_);
  at_ = next == std::string_view::npos ? text_.size() : next;
}

JsonScanner::Kind JsonScanner::Peek() {
  SkipSpace();
  if (at_ == text_.size()) return Kind::kEnd;
  const char c = text_[at_];
  switch (c) {
    case '{':
      return Kind::kObject;
    case '[':
      return Kind::kArray;
    case '"':
      return Kind::kString;
    case 't':
      return Kind::kTrue;
    case 'f':
      return Kind::kFalse;
    case 'n':
      return Kind::kNull;
    default:
      return c == '-' || IsDigit(c) ? Kind::kNumber : Kind::kNothing;
  }
}

bool JsonScanner::Take(char punctuation) {
  SkipSpace();
  if (at_ == text_.size() || text_[at_] != punctuation) return false;
  ++at_;
  return true;
}

bool JsonScanner::TakeWord() {
  const Kind kind = Peek();
  const std::string_view word = kind == Kind::kTrue    ? "true"
                                : kind == Kind::kFalse ? "false"
                                                       : "null";
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool JsonScanner::TakeCodeUnit(unsigned& unit) {
  if (at_ + 4 > text_.size()) return false;
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[at_ + i];
    const bool is_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!is_letter && !IsDigit(c)) return false;
    unit = unit * 16 + static_cast<unsigned>(is_letter ? (c | 0x20) - 'a' + 10 : c - '0');
  }
  at_ += 4;
  return true;
}

bool JsonScanner::TakeEscape(std::string& value) {
  if (at_ == text_.size()) return false;
  const char c = text_[at_++];
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  const size_t simple = kNames.find(c);
  if (simple != std::string_view::npos) {
    value += kMeant[simple];
    return true;
  }
  unsigned code = 0;
  if (c != 'u' || !TakeCodeUnit(code)) return false;
  if (code >= 0xD800 && code < 0xDC00) {
    unsigned low = 0;
    if (text_.substr(at_, 2) != "\\u") return false;
    at_ += 2;
    if (!TakeCodeUnit(low) || low < 0xDC00 || low > 0xDFFF) return false;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  } else if (code >= 0xDC00 && code <= 0xDFFF) {
    return false;
  }
  AppendUtf8(code, value);
  return true;
}

bool JsonScanner::TakeString(std::string& value) {
  value.clear();
  if (!Take('"')) return false;
  while (at_ < text_.size()) {
    size_t end = at_;
    while (end < text_.size() && text_[end] != '"' && text_[end] != '\\' &&
           static_cast<unsigned char>(text_[end]) >= 0x20) {
      ++end;
    }
    value.append(text_, at_, end - at_);
    at_ = end;
    if (at_ == text_.size()) return false;
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x20) return false;
    ++at_;
    if (c == '"') return IsUtf8(value);
    if (!TakeEscape(value)) return false;
  }
  return false;
}

bool JsonScanner::TakeNumber(std::string_view& number) {
  SkipSpace();
  size_t end = at_;
  const auto digits = [&] {
    const size_t first = end;
    while (end < text_.size() && IsDigit(text_[end])) ++end;
    return end - first;
  };
  const auto next = [&](char c) { return end < text_.size() && text_[end] == c; };
  if (next('-')) ++end;
  const size_t first = end;
  const size_t whole = digits();
  if (whole == 0 || (whole > 1 && text_[first] == '0')) return false;
  if (next('.') && (++end, digits() == 0)) return false;
  if (next('e') || next('E')) {
    ++end;
    if (next('+') || next('-')) ++end;
    if (digits() == 0) return false;
  }
  number = text_.substr(at_, end - at_);
  at_ = end;
  return true;
}

bool JsonScanner::SkipContainer(int depth) {
  if (depth == 0) return false;
  const bool is_object = Peek() == Kind::kObject;
  const char close = is_object ? '}' : ']';
  ++at_;
  if (Take(close)) return true;
  do {
    std::string name;
    std::string_view value;
    if (is_object && (!TakeString(name) || !Take(':'))) return false;
    if (!TakeValue(depth - 1, value)) return false;
  } while (Take(','));
  return Take(close);
}

bool JsonScanner::TakeValue(int depth, std::string_view& value) {
  std::string text;
  std::string_view number;
  const Kind kind = Peek();
  const size_t first = at_;
  bool taken = false;
  switch (kind) {
    case Kind::kObject:
    case Kind::kArray:
      taken = SkipContainer(depth);
      break;
    case Kind::kString:
      taken = TakeString(text);
      break;
    case Kind::kNumber:
      taken = TakeNumber(number);
      break;
    case Kind::kTrue:
    case Kind::kFalse:
    case Kind::kNull:
      taken = TakeWord();
      break;
    case Kind::kEnd:
    case Kind::kNothing:
      return false;
  }
  value = text_.substr(first, at_ - first);
  return taken;
}

std::string JsonScanner::Place() const {
  const std::string_view before = text_.substr(0, at_);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t break_at = before.rfind('\n');
  const size_t column = break_at == std::string_view::npos ? at_ + 1 : at_ - break_at;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace auscult::rest
