#pragma once

#include <string_view>

namespace auscult::fuzz {

// A configuration file, and with '\0' before each flags ("-" first) and variables ("NAME=value"),
// to settings. Aborts where a refusal does not say why, or where what is printed to be in force is
// not what a file of that text gives.
void TryConfig(std::string_view bytes);

}  // namespace auscult::fuzz
