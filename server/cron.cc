#include "server/cron.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <span>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "server/concat.h"

namespace auscult::server {
namespace {

// A day that exists at all comes within eight years: 29 February, over a century without one.
constexpr int kDaysAhead = 8 * 366 + 1;

struct FieldKind {
  std::string_view name;
  int low, high;
  std::span<const std::string_view> names;  // of low, low + 1, ...
};
constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};
constexpr std::array<FieldKind, 5> kFields = {
    FieldKind{"minute", 0, 59, {}}, FieldKind{"hour", 0, 23, {}},
    FieldKind{"day of month", 1, 31, {}}, FieldKind{"month", 1, 12, kMonths},
    FieldKind{"day of week", 0, 7, kWeekdays}};

absl::Status BadField(const FieldKind& kind, std::string_view text) {
  return absl::InvalidArgumentError(Concat(
      "\"", text, "\" is no ", kind.name, ": ", kind.low, " to ", kind.high,
      kind.names.empty() ? "" : " or a name", ", lists \"a,b\", ranges \"a-b\", steps \"*/n\""));
}

std::optional<int> Number(const FieldKind& kind, const std::string& text) {
  const std::string lower = absl::AsciiStrToLower(std::string(text));
  const auto named = std::find(kind.names.begin(), kind.names.end(), lower);
  if (named != kind.names.end()) return kind.low + static_cast<int>(named - kind.names.begin());
  int number = 0;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (!digits || !absl::SimpleAtoi(text, &number)) return std::nullopt;
  if (number < kind.low || number > kind.high) return std::nullopt;
  return number;
}

// "*", "7", "1-5", "*/15", "8-18/2": the bits of one member of a list; 0 for what is none.
uint64_t BitsOf(const FieldKind& kind, const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  if (parts.size() > 2) return 0;
  int step = 1;
  if (parts.size() == 2 && (!absl::SimpleAtoi(parts[1], &step) || step < 1)) return 0;
  int low = kind.low, high = kind.high;
  if (parts[0] != "*") {
    const std::vector<std::string> ends = absl::StrSplit(parts[0], '-');
    const std::optional<int> first = Number(kind, ends[0]);
    const std::optional<int> last = Number(kind, ends.back());
    if (ends.size() > 2 || !first || !last || *first > *last) return 0;
    low = *first;
    // "5/10": from 5 on.
    high = ends.size() == 1 && parts.size() == 2 ? kind.high : *last;
  }
  uint64_t bits = 0;
  for (int value = low; value <= high; value += step) bits |= uint64_t{1} << value;
  return bits;
}

absl::StatusOr<uint64_t> ParseField(const FieldKind& kind, const std::string& text) {
  uint64_t bits = 0;
  for (const std::string& member : std::vector<std::string>(absl::StrSplit(text, ','))) {
    const uint64_t more = BitsOf(kind, member);
    if (more == 0) return BadField(kind, text);
    bits |= more;
  }
  return bits;
}

bool Has(uint64_t bits, int64_t value) { return (bits >> value & 1) != 0; }

}  // namespace

absl::StatusOr<CronExpression> CronExpression::Parse(std::string_view text) {
  const std::vector<std::string> fields =
      absl::StrSplit(std::string(text), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (fields.size() != kFields.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a schedule has the five fields minute, hour, day of month, month and day of "
                     "week (\"30 2 * * MON-FRI\"); here are ",
                     fields.size()));
  }
  CronExpression parsed;
  const std::array<uint64_t*, 5> places = {&parsed.minutes_, &parsed.hours_, &parsed.days_,
                                           &parsed.months_, &parsed.weekdays_};
  for (size_t i = 0; i < kFields.size(); ++i) {
    const absl::StatusOr<uint64_t> bits = ParseField(kFields[i], fields[i]);
    if (!bits.ok()) return bits.status();
    *places[i] = *bits;
  }
  if (Has(parsed.weekdays_, 7)) parsed.weekdays_ |= 1;
  parsed.any_day_ = fields[2].starts_with('*');
  parsed.any_weekday_ = fields[4].starts_with('*');
  if (!parsed.NextCivil(absl::CivilMinute(2024, 1, 1))) {
    return absl::InvalidArgumentError(Concat("\"", text, "\" never comes: no month has it"));
  }
  return parsed;
}

bool CronExpression::IsDay(absl::CivilDay day) const {
  if (!Has(months_, day.month())) return false;
  const bool month_day = Has(days_, day.day());
  // absl counts weekdays from Monday.
  const bool weekday = Has(weekdays_, (static_cast<int>(absl::GetWeekday(day)) + 1) % 7);
  return any_day_ || any_weekday_ ? month_day && weekday : month_day || weekday;
}

std::optional<absl::CivilMinute> CronExpression::NextCivil(absl::CivilMinute from) const {
  absl::CivilDay day(from);
  for (int ahead = 0; ahead < kDaysAhead; ++ahead, ++day) {
    if (!IsDay(day)) continue;
    const bool first = ahead == 0;
    for (int hour = first ? from.hour() : 0; hour < 24; ++hour) {
      if (!Has(hours_, hour)) continue;
      for (int minute = first && hour == from.hour() ? from.minute() : 0; minute < 60; ++minute) {
        if (Has(minutes_, minute)) return absl::CivilMinute(day) + hour * 60 + minute;
      }
    }
  }
  return std::nullopt;
}

absl::Time CronExpression::Next(absl::Time after, const absl::TimeZone& zone) const {
  absl::CivilMinute minute = absl::ToCivilMinute(after, zone);
  for (;;) {
    const std::optional<absl::CivilMinute> next = NextCivil(++minute);
    assert(next);  // Parse has refused what never comes
    minute = *next;
    const absl::TimeZone::TimeInfo when = zone.At(absl::CivilSecond(minute));
    const absl::Time time = when.kind == absl::TimeZone::TimeInfo::SKIPPED ? when.trans : when.pre;
    if (time > after) return time;
  }
}

}  // namespace auscult::server
