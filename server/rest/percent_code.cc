#include "server/rest/percent_code.h"

#include <cstddef>
#include <cstdint>

namespace auscult::rest {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> DecodePlus(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (c == '+') c = ' ';
  }
  return PercentDecode(spaced);
}

// Length of the character that begins with `lead`, 0: none does; `smallest` is the lowest code
// point that needs that many octets.
size_t CharacterLength(unsigned char lead, uint32_t& smallest) {
  if (lead < 0x80) return 1;
  if ((lead & 0xE0) == 0xC0) return smallest = 0x80, 2;
  if ((lead & 0xF0) == 0xE0) return smallest = 0x800, 3;
  if ((lead & 0xF8) == 0xF0) return smallest = 0x10000, 4;
  return 0;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text, bool keep_slashes) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    const char c = static_cast<char>(high * 16 + low);
    if (c == '/' && keep_slashes) {
      decoded += text.substr(i, 3);
    } else {
      decoded += c;
    }
    i += 2;
  }
  return decoded;
}

std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(part.size() < query.size() ? part.size() + 1 : part.size());
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    const auto name = DecodePlus(part.substr(0, equals));
    const auto value =
        DecodePlus(equals == std::string_view::npos ? std::string_view() : part.substr(equals + 1));
    if (!name || !value) return std::nullopt;
    parameters.emplace_back(*name, *value);
  }
  return parameters;
}

bool IsUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    uint32_t smallest = 0;
    const size_t length = CharacterLength(lead, smallest);
    if (length == 0 || i + length > text.size()) return false;
    uint32_t code = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      code = code << 6 | (next & 0x3F);
    }
    if (code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

}  // namespace auscult::rest
