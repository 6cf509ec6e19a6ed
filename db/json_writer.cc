#include "db/json_writer.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>

namespace auscult::db {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

bool IsContinuation(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

// Octets of the well-formed character at `at`, by Table 3-7 of the Unicode standard; 0 for none.
size_t CharacterAt(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xc2 && lead < 0xe0   ? 2
                      : lead >= 0xe0 && lead < 0xf0 ? 3
                      : lead >= 0xf0 && lead < 0xf5 ? 4
                                                    : 0;
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text, at + i)) return 0;
  }
  if (size < 3) return size;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool none = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
  return overlong || none ? 0 : size;
}

constexpr bool IsPlain(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x20 && octet < 0x80 && c != '"' && c != '\\';
}

constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (int i = 0; i < 256; ++i) plain[static_cast<size_t>(i)] = IsPlain(static_cast<char>(i));
  return plain;
}();

void AppendControl(char c, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto octet = static_cast<unsigned char>(c);
  out += "\\u00";
  out += kDigits[octet >> 4];
  out += kDigits[octet & 15];
}

}  // namespace

void JsonWriter::Separate() {
  if (!first_) json_ += ',';
  first_ = false;
}

void JsonWriter::Open(char bracket) {
  Separate();
  json_ += bracket;
  first_ = true;
}

void JsonWriter::Close(char bracket) {
  json_ += bracket;
  first_ = false;
}

void JsonWriter::Name(std::string_view name) {
  Separate();
  json_ += '"';
  json_ += name;
  json_ += "\":";
  first_ = true;
}

void JsonWriter::Number(float value) {
  assert(std::isfinite(value));
  Separate();
  std::array<char, 32> text;
  char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  json_.append(text.data(), end);
}

void JsonWriter::Bool(bool value) {
  Separate();
  json_ += value ? "true" : "false";
}

void JsonWriter::Text(std::string_view value) {
  Separate();
  json_ += '"';
  AppendEscaped(value);
  json_ += '"';
}

void JsonWriter::AppendEscaped(std::string_view value) {
  size_t at = 0;
  while (at < value.size()) {
    size_t end = at;
    while (end < value.size() && kPlain[static_cast<unsigned char>(value[end])]) ++end;
    json_.append(value, at, end - at);
    if (end == value.size()) return;
    const char c = value[end];
    const size_t size = CharacterAt(value, end);
    if (c == '"' || c == '\\') {
      json_ += '\\';
      json_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      AppendControl(c, json_);
    } else if (size == 0) {
      json_ += kReplacement;
    } else {
      json_.append(value, end, size);
    }
    at = end + (size == 0 ? 1 : size);
  }
}

}  // namespace auscult::db
