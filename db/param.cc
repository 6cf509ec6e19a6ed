#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "db/postgres.h"

namespace auscult::db {
namespace {

// The years that PostgreSQL and ISO 8601 write with four digits.
constexpr int64_t kFirstUs = -62135596800000000;  // 0001-01-01 00:00
constexpr int64_t kLastUs = 253402300799999999;   // 9999-12-31 23:59:59.999999

void AppendQuoted(std::string_view value, std::string& out) {
  out.push_back('"');
  for (const char c : value) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace

Param Int(int64_t value) { return std::to_string(value); }

Param Real(double value) {
  if (std::isnan(value)) return std::nullopt;
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  return std::string(buffer, end);
}

Param Text(std::string_view value) { return std::string(value); }

Param Bytes(std::string_view value) {
  return "\\x" + absl::BytesToHexString({value.data(), value.size()});
}

// With its offset, so that neither the session's time zone nor pgbouncer has a say.
Param TimeUs(int64_t microseconds) {
  using std::chrono::days;
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> time(
      std::chrono::microseconds(std::clamp(microseconds, kFirstUs, kLastUs)));
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return absl::StrFormat("%04d-%02u-%02u %02d:%02d:%02d.%06d+00", static_cast<int>(date.year()),
                         static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                         clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                         clock.subseconds().count());
}

Param Bool(bool value) { return value ? "t" : "f"; }

Param Null() { return std::nullopt; }

Param Array(std::span<const Param> values) {
  std::string text = "{";
  for (const Param& value : values) {
    if (text.size() > 1) text.push_back(',');
    if (value) {
      AppendQuoted(*value, text);
    } else {
      text += "NULL";
    }
  }
  text.push_back('}');
  return text;
}

Param IntArray(std::span<const int64_t> values) {
  return absl::StrCat("{", absl::StrJoin(values, ","), "}");
}

}  // namespace auscult::db
