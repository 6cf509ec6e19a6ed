#pragma once

#include <string>
#include <string_view>

#include "server/rest/exchange.h"

namespace auscult::rest {

// An answer that says what was wrong: {"error":{"code","status","message","details"}}, or
// application/problem+json (RFC 9457) where the client accepts that. For what never reached a
// service; its `status` is the google.rpc.Code nearest to the HTTP status.
HttpResponse ErrorResponse(int http_status, std::string_view message, std::string_view accept);

// "Not Found"; empty where the status has no name.
std::string_view ReasonPhrase(int http_status);

}  // namespace auscult::rest
