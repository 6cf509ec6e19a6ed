#include "models/sentence.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

namespace auscult::models {
namespace {

// Longer than any float in decimals: 39 digits before the point and nine behind it.
constexpr size_t kLongestNumber = 64;
constexpr std::array<double, 14> kPowersOfTen = {1e0, 1e1, 1e2, 1e3,  1e4,  1e5,  1e6,
                                                 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13};
// A float times 10^12 still is exact in a double.
constexpr int kMostDecimals = 12;
constexpr double kExactWholes = 9007199254740992.0;  // 2^53

// Decimals that show so many significant digits; none where %g has an exponent.
std::optional<int> DecimalsOf(double magnitude, int digits) {
  if (magnitude == 0) return 0;
  digits = std::max(digits, 1);
  if (!(magnitude >= 1e-4) || !(magnitude < kPowersOfTen[digits] - 0.5)) return std::nullopt;
  int decimals = digits - 1;
  for (int i = 0; magnitude * kPowersOfTen[i] < 1; ++i) ++decimals;
  for (int i = 1; magnitude >= kPowersOfTen[i]; ++i) --decimals;
  return decimals;
}

// Rounded once, to even where it is in the middle, as the product is exact.
char* WriteExact(double magnitude, int decimals, bool strip_zeros, char* end) {
  auto scaled = static_cast<uint64_t>(std::nearbyint(magnitude * kPowersOfTen[decimals]));
  for (; strip_zeros && decimals > 0 && scaled % 10 == 0; --decimals) scaled /= 10;
  const char* const last = end;
  const auto more = [&](int places) { return last - end < places || scaled > 0; };
  if (decimals > 0) {
    while (last - end < decimals) {
      *--end = static_cast<char>('0' + scaled % 10);
      scaled /= 10;
    }
    *--end = '.';
    ++decimals;
  }
  while (more(decimals + 1)) {
    *--end = static_cast<char>('0' + scaled % 10);
    scaled /= 10;
  }
  return end;
}

void AppendNumber(const Conversion& conversion, double number, std::string& sentence) {
  std::array<char, kLongestNumber> text;
  char* const end = text.data() + text.size();
  const bool general = conversion.letter == 'g';
  const double magnitude = std::abs(number);
  const std::optional<int> decimals =
      general ? DecimalsOf(magnitude, conversion.digits) : std::optional(conversion.digits);
  if (decimals && *decimals <= kMostDecimals &&
      magnitude * kPowersOfTen[*decimals] < kExactWholes) {
    char* begin = WriteExact(magnitude, *decimals, general, end);
    if (std::signbit(number)) *--begin = '-';
    sentence.append(begin, end);
    return;
  }
  const auto style = general ? std::chars_format::general : std::chars_format::fixed;
  sentence.append(text.data(),
                  std::to_chars(text.data(), end, number, style, conversion.digits).ptr);
}

}  // namespace

std::string ComposeSentence(std::string_view format, std::span<const Word> words) {
  constexpr size_t kUsualNumber = 8;
  size_t length = format.size();
  for (const Word& word : words) length += word.text().size() + kUsualNumber;
  std::string sentence;
  sentence.reserve(length);
  auto word = words.begin();
  size_t said = 0;
  while (said < format.size()) {
    const Conversion next = NextConversion(format, said);
    sentence.append(format, said, next.begin - said);
    said = next.end;
    if (next.letter == '%') sentence.push_back('%');
    if (next.letter == 's') sentence.append((word++)->text());
    if (next.letter == 'd' || next.letter == 'f' || next.letter == 'g') {
      AppendNumber(next, (word++)->number(), sentence);
    }
  }
  return sentence;
}

}  // namespace auscult::models
