#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/rest/exchange.h"
#include "server/rest/origin_policy.h"
#include "server/rest/static_site.h"

namespace auscult::rest {

struct HttpGatewayOptions {
  std::shared_ptr<Handler> api;            // all that nothing else answers; null: 404
  std::shared_ptr<const StaticSite> site;  // null: no pages
  std::string no_site;                     // why, for who asks for them
  std::string version;
  bool is_https = false;  // browsers are told to come back by TLS only (HSTS, RFC 6797)
  // Text of Prometheus. Called on a thread that serves connections.
  std::function<std::string()> metrics;
  // Calls once, from any thread, with "" or with what is missing.
  std::function<void(std::function<void(std::string)>)> ready;
};

// What stands between the connections and those that answer: refuses what browsers were tricked
// into (OriginPolicy), serves /healthz (the process is alive), /readyz (the gRPC server and its
// database are too), /version, /metrics and the files of the dashboard, hands all else to the API,
// and puts on every answer X-Request-Id, CORS and security headers, and gzip where it is taken.
// Streams are not packed: their pieces would wait for each other.
std::unique_ptr<Handler> MakeHttpGateway(HttpGatewayOptions options,
                                         OriginPolicy policy = OriginPolicy({}, {}));

}  // namespace auscult::rest
