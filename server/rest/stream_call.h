#pragma once

#include <memory>
#include <string>

#include "server/rest/proxied_call.h"

namespace auscult::rest {

// Makes the streaming call that the route leads to: its answers as lines of NDJSON or, where
// `media_type` says so, as events. Returns at once; the next answer is read when the client has
// taken the one before, and the call is cancelled when it leaves.
//
// The status line waits for the first answer, or 0.3 s: what fails until then is an HTTP error,
// what fails later the last line {"error": ...}, or an event of that name. A call that takes a
// stream takes the lines of an NDJSON body; a line that cannot be read ends it there.
void CallStream(const Upstream& upstream, const Route& route, const HttpRequest& request,
                const std::string& media_type, std::shared_ptr<Exchange> exchange);

}  // namespace auscult::rest
