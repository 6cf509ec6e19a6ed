#pragma once

#include <cstdint>
#include <string>

namespace auscult::cli {

// A number for people: four significant digits, without an exponent where it is neither huge nor
// tiny; "-" for NaN.
std::string Shown(double value);

// A whole number with separators between thousands: "121,265".
std::string ShownCount(int64_t value);

// The shortest double that prints as this float: 0.41f becomes 0.41, not 0.4099999964237213, so
// that JSON shows no digits that mean nothing.
double Shortest(float value);

}  // namespace auscult::cli
