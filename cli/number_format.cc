#include "cli/number_format.h"

#include <charconv>
#include <cmath>

#include "absl/strings/str_format.h"

namespace auscult::cli {

std::string Shown(double value) {
  if (std::isnan(value)) return "-";
  const double magnitude = std::abs(value);
  if (magnitude != 0 && (magnitude < 1e-3 || magnitude >= 1e7)) {
    return absl::StrFormat("%.3g", value);
  }
  if (magnitude >= 1000) return absl::StrFormat("%.0f", value);
  return absl::StrFormat("%.4g", value);
}

std::string ShownCount(int64_t value) {
  std::string digits = absl::StrFormat("%d", value);
  const size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

double Shortest(float value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof(text), value);
  double shortest = value;
  if (error == std::errc()) std::from_chars(text, end, shortest);
  return shortest;
}

}  // namespace auscult::cli
