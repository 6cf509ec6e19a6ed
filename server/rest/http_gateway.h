#pragma once

#include <memory>
#include <string>

#include "server/rest/exchange.h"

namespace auscult::rest {

// What stands between the connections and those that answer.
struct HttpGatewayOptions {
  std::shared_ptr<Handler> api;  // all that nothing else answers; null: 404
  std::string version;           // of the program
};

// Answers /healthz and /version, hands everything else on, and puts X-Request-Id on each answer.
std::unique_ptr<Handler> MakeHttpGateway(HttpGatewayOptions options);

}  // namespace auscult::rest
