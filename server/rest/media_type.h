#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace auscult::rest {

inline constexpr char kJson[] = "application/json";
inline constexpr char kProblemJson[] = "application/problem+json";
inline constexpr char kNdjson[] = "application/x-ndjson";
inline constexpr char kEventStream[] = "text/event-stream";
inline constexpr char kCsv[] = "text/csv";
inline constexpr char kOctets[] = "application/octet-stream";

// The one of `offered` that an Accept header likes best (RFC 9110, 12.5.1), the first among equals;
// an empty header likes all. None where it takes none of them.
std::optional<std::string> ChooseMediaType(std::string_view accept,
                                           const std::vector<std::string>& offered);

// True where the header names the type itself, not only "*/*".
bool NamesMediaType(std::string_view accept, std::string_view type);

// Type and subtype of a Content-Type in lower case, without parameters.
std::string MediaTypeOf(std::string_view content_type);

}  // namespace auscult::rest
