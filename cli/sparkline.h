#pragma once

#include <span>
#include <string>

namespace auscult::cli {

// Values as a line of blocks of eighths, lowest to highest, one character each; blank for NaN.
// `width` > 0 averages neighbours so that at most so many characters are needed.
std::string Sparkline(std::span<const float> values, size_t width = 0);

}  // namespace auscult::cli
