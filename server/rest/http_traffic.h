#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace auscult::rest {

// One request as it ended, for the access log and for metrics.
struct HttpAccess {
  std::string method, path;  // of the request, without the query; empty where it was not read
  std::string route;         // of the answer
  int status = 0;            // 499: the client left before the answer
  int64_t bytes_in = 0;      // of the body
  int64_t bytes_out = 0;     // with the head of the answer
  std::chrono::nanoseconds took{0};  // from the whole head of the request to the last byte written
  std::string remote_host, request_id, user_agent;
};

// Watches the connections of a listener. Thread-safe; called on the threads that serve them.
class HttpTraffic {
 public:
  virtual ~HttpTraffic() = default;
  virtual void Opened() = 0;
  virtual void Closed() = 0;
  virtual void TurnedAway() = 0;  // beyond the limit of connections
  virtual void Finished(const HttpAccess& access) = 0;
};

}  // namespace auscult::rest
