#include "server/conninfo.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace auscult::server {
namespace {

constexpr char kBlot[] = "***";

bool IsUri(std::string_view text) {
  return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

std::string BlotUri(std::string_view uri) {
  std::string text(uri);
  const size_t start = text.find("://") + 3;
  const size_t authority_end = std::min(text.find_first_of("/?", start), text.size());
  // The last @ ends the user part: a password that was not percent-encoded may hold one too.
  const size_t at = text.rfind('@', authority_end);
  if (at != std::string::npos && at > start && at < authority_end) {
    const size_t colon = text.find(':', start);
    if (colon < at) text.replace(colon + 1, at - colon - 1, kBlot);
  }
  constexpr std::string_view kKey = "password=";
  for (size_t found = text.find(kKey); found != std::string::npos; found = text.find(kKey, found)) {
    const char before = text[found - 1];
    found += kKey.size();
    if (before != '?' && before != '&') continue;
    const size_t end = std::min(text.find('&', found), text.size());
    text.replace(found, end - found, kBlot);
  }
  return text;
}

// Index after the value that starts at `at`, by libpq's rules: quoted by ' with backslashes, or up
// to a blank.
size_t EndOfValue(std::string_view text, size_t at) {
  const bool quoted = at < text.size() && text[at] == '\'';
  if (quoted) ++at;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (quoted ? text[at] == '\'' : absl::ascii_isspace(text[at])) {
      break;
    }
  }
  return std::min(at + (quoted ? 1 : 0), text.size());
}

size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && absl::ascii_isspace(text[at])) ++at;
  return at;
}

std::string BlotKeywords(std::string_view text) {
  std::string result;
  size_t at = 0;
  while (at < text.size()) {
    const size_t equals = text.find('=', at);
    if (equals == std::string_view::npos) break;
    std::string key(text.substr(at, equals - at));
    absl::StripAsciiWhitespace(&key);
    const size_t value = SkipBlanks(text, equals + 1);
    const size_t end = EndOfValue(text, value);
    const bool secret = key == "password" || key == "sslpassword";
    result += text.substr(at, value - at);
    result += secret ? kBlot : text.substr(value, end - value);
    at = end;
  }
  return result.append(text.substr(at));
}

}  // namespace

std::string WithoutPassword(std::string_view conninfo) {
  return IsUri(conninfo) ? BlotUri(conninfo) : BlotKeywords(conninfo);
}

bool HoldsPassword(std::string_view conninfo) { return WithoutPassword(conninfo) != conninfo; }

std::string ConninfoValue(std::string_view text) {
  std::string value = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') value += '\\';
    value += c;
  }
  return value + "'";
}

}  // namespace auscult::server
