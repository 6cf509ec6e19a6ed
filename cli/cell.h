#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace auscult::cli {

// The text of one cell of a table, or of one word of an option, as what it means.

// A number, "nan" and "inf" included. With `decimal_comma`, "1,5" is one and a half. Nothing for
// any other text, an empty one included.
std::optional<double> ParseNumber(std::string_view text, bool decimal_comma = false);

// A clock time as seconds: "13:28:15.25" since midnight, "2020-03-09 10:14:33" (blank or T between,
// fraction allowed, Z ignored) since 1970.
std::optional<double> ParseClock(std::string_view text);

// The unit in brackets at the end of a column's name, with the name without it: "I (A)" gives "I"
// and "A". Only symbols of features::ParseUnit and units of time count, spelt-out ampere and volt
// too.
struct NameAndUnit {
  std::string name;
  std::string unit;
};
NameAndUnit SplitUnit(std::string_view header);

// Seconds in one of "s", "sec", "ms", "us", ...; nothing for any other text.
std::optional<double> SecondsPerUnit(std::string_view unit);

}  // namespace auscult::cli
