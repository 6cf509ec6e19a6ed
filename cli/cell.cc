#include "cli/cell.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "features/units.h"

namespace auscult::cli {
namespace {

constexpr size_t kMaxNumberText = 64;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.front()))) {
    text.remove_prefix(1);
  }
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

// "13:28:15.25" -> seconds since midnight.
std::optional<double> ParseTimeOfDay(std::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), ':');
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  double seconds = 0;
  constexpr std::array<double, 3> kWeights = {3600, 60, 1};
  constexpr std::array<double, 3> kLimits = {24, 60, 61};
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::optional<double> value = ParseNumber(parts[i]);
    if (!value || !(*value >= 0 && *value < kLimits[i])) return std::nullopt;
    if (i + 1 < parts.size() && *value != std::floor(*value)) return std::nullopt;
    seconds += *value * kWeights[i];
  }
  return seconds;
}

// "2020-03-09" -> seconds since 1970.
std::optional<double> ParseDate(std::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), absl::ByAnyChar("-/."));
  if (parts.size() != 3 || parts[0].size() != 4) return std::nullopt;
  std::array<int, 3> fields{};
  for (size_t i = 0; i < 3; ++i) {
    const std::optional<double> value = ParseNumber(parts[i]);
    if (!value || !(*value >= 1 && *value <= 9999)) return std::nullopt;
    fields[i] = static_cast<int>(*value);
  }
  const absl::CivilDay day(fields[0], fields[1], fields[2]);
  if (day.month() != fields[1] || day.day() != fields[2]) return std::nullopt;
  return static_cast<double>(day - absl::CivilDay(1970, 1, 1)) * 86400.0;
}

}  // namespace

std::optional<double> ParseNumber(std::string_view text, bool decimal_comma) {
  text = Trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > kMaxNumberText) return std::nullopt;
  char buffer[kMaxNumberText];
  std::copy(text.begin(), text.end(), buffer);
  char* const end = buffer + text.size();
  if (decimal_comma) {
    if (std::find(buffer, end, '.') != end) return std::nullopt;
    std::replace(buffer, end, ',', '.');
  }
  double value = 0;
  const auto [last, error] = std::from_chars(buffer, end, value);
  if (last != end) return std::nullopt;
  if (error == std::errc::result_out_of_range)
    value = std::strtod(std::string(buffer, end).c_str(), nullptr);
  else if (error != std::errc())
    return std::nullopt;
  return value;
}

std::optional<double> ParseClock(std::string_view text) {
  text = Trim(text);
  if (text.size() > kMaxNumberText) return std::nullopt;
  if (!text.empty() && (text.back() == 'Z' || text.back() == 'z')) text.remove_suffix(1);
  const size_t gap = text.find_first_of("T ");
  if (gap == std::string_view::npos) {
    return text.find(':') == std::string_view::npos ? std::nullopt : ParseTimeOfDay(text);
  }
  const std::optional<double> date = ParseDate(text.substr(0, gap));
  const std::optional<double> time = ParseTimeOfDay(Trim(text.substr(gap + 1)));
  if (!date || !time) return std::nullopt;
  return *date + *time;
}

NameAndUnit SplitUnit(std::string_view header) {
  header = Trim(header);
  const size_t open = header.find_last_of("([");
  if (open == std::string_view::npos || header.empty() ||
      (header.back() != ')' && header.back() != ']')) {
    return {std::string(header), ""};
  }
  std::string unit(Trim(header.substr(open + 1, header.size() - open - 2)));
  const std::string lower = absl::AsciiStrToLower(unit);
  if (lower == "ampere" || lower == "amp") unit = "A";
  if (lower == "volt") unit = "V";
  if (!features::ParseUnit(unit).ok() && !SecondsPerUnit(unit)) return {std::string(header), ""};
  return {std::string(Trim(header.substr(0, open))), unit};
}

std::optional<double> SecondsPerUnit(std::string_view unit) {
  struct TimeUnit {
    std::string_view symbol;
    double seconds;
  };
  constexpr std::array kUnits = {TimeUnit{"s", 1},     TimeUnit{"sec", 1},   TimeUnit{"seconds", 1},
                                 TimeUnit{"ms", 1e-3}, TimeUnit{"us", 1e-6}, TimeUnit{"µs", 1e-6},
                                 TimeUnit{"ns", 1e-9}, TimeUnit{"min", 60}};
  const std::string lower = absl::AsciiStrToLower(std::string(Trim(unit)));
  for (const TimeUnit& known : kUnits) {
    if (lower == known.symbol) return known.seconds;
  }
  return std::nullopt;
}

}  // namespace auscult::cli
