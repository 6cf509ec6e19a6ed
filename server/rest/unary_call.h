#pragma once

#include <memory>
#include <string>

#include "server/rest/proxied_call.h"

namespace auscult::rest {

// Makes the call that the route leads to and answers the exchange as `media_type`, also where the
// request cannot be read. Returns at once. The call is cancelled when the client leaves.
void CallUnary(const Upstream& upstream, const Route& route, const HttpRequest& request,
               const std::string& media_type, std::shared_ptr<Exchange> exchange);

}  // namespace auscult::rest
