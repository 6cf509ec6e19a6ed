#pragma once

#include <string>
#include <string_view>

namespace auscult::rest {

// What the client calls its request, where that is up to 128 letters, digits and signs of
// "-_.:/+=", fit for a log; else 32 random hexadecimal digits.
std::string RequestId(std::string_view given);

}  // namespace auscult::rest
