#pragma once

#include <string_view>

#include "server/rest/exchange.h"

namespace auscult::rest {

// The answer to a request that never reached a service, in the form of all errors (rest_error.h): a
// problem where the client's `accept` names that type.
HttpResponse ErrorResponse(int http_status, std::string_view message, std::string_view accept);

}  // namespace auscult::rest
