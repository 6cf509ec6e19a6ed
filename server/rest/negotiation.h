#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/rest/exchange.h"
#include "server/rest/http_binding.h"
#include "server/rest/rest_error.h"

namespace auscult::rest {

// Chooses by Accept into `media_type`; application/problem+json alone counts as JSON. An error: 406
// where nothing fits, 415 where the body is of a type that the binding does not read, 400 where it
// takes none.
std::optional<RestError> Negotiate(const HttpBinding& binding, const HttpRequest& request,
                                   std::string& media_type);

}  // namespace auscult::rest
