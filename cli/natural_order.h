#pragma once

#include <string_view>

namespace auscult::cli {

// Whether `a` goes before `b` as people number files: runs of digits compare as numbers, so that
// "2.csv" goes before "10.csv".
bool NaturallyBefore(std::string_view a, std::string_view b);

}  // namespace auscult::cli
