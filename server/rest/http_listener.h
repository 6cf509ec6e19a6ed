#pragma once

#include <openssl/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/rest/exchange.h"
#include "server/rest/http_limits.h"
#include "server/rest/http_traffic.h"

namespace auscult::rest {

struct HttpListenerOptions {
  std::string host = "127.0.0.1";  // numeric, without brackets
  int port = 0;                    // 0 = a free one
  int threads = 1;
  HttpLimits limits;
  // What connections made from now on are encrypted with; empty: HTTP without TLS. Thread-safe.
  std::function<std::shared_ptr<SSL_CTX>()> tls;
};

// Takes HTTP/1.1 connections and gives their requests to a handler, one after the other on each.
class HttpListener {
 public:
  // Returns when it takes connections. FAILED_PRECONDITION with the reason where it cannot listen.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Start(const HttpListenerOptions& options,
                                                             std::shared_ptr<Handler> handler,
                                                             std::shared_ptr<HttpTraffic> traffic);
  ~HttpListener();  // Stop(0)

  int port() const;
  int connections() const;

  // No new connections and requests; those that wait are closed and streams are ended, so that what
  // is left are answers under way. Returns when these are written, or cut after `grace`.
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Parts;
  explicit HttpListener(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace auscult::rest
