#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace auscult::rest {

// What "%41%2F" stands for. `keep_slashes` leaves "%2F" and "%2f" as they are, as google.api.http
// asks for variables of several segments. None where a '%' is not followed by two hex digits.
std::optional<std::string> PercentDecode(std::string_view text, bool keep_slashes = false);

// Names and values of a query in their order, with '+' read as a space. None where it is not
// percent-encoded well. A name without '=' has an empty value.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query);

// RFC 3629: no overlong forms, surrogates or code points above U+10FFFF.
bool IsUtf8(std::string_view text);

}  // namespace auscult::rest
