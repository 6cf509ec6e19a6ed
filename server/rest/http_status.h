#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace auscult::rest {

// "Not Found" (RFC 9110, 15); empty where the status has no name.
std::string_view ReasonPhrase(int http_status);

// The code nearest to a status that no service gave.
absl::StatusCode NearestCode(int http_status);

}  // namespace auscult::rest
