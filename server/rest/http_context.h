#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/rest/exchange.h"
#include "server/rest/http_limits.h"
#include "server/rest/http_traffic.h"

namespace auscult::rest {

class HttpSession;

// Bytes of all bodies that have been read and not answered.
class BodyBudget {
 public:
  explicit BodyBudget(int64_t limit) : free_(limit) {}
  bool Take(int64_t bytes) {
    if (free_.fetch_sub(bytes) >= bytes) return true;
    free_ += bytes;
    return false;
  }
  void GiveBack(int64_t bytes) { free_ += bytes; }

 private:
  std::atomic<int64_t> free_;
};

// The connections that are open, in all and of each address. Thread-safe.
class SessionRegister {
 public:
  // False: one of the limits is reached.
  bool Admit(const std::string& address, const HttpLimits& limits);
  void Enter(const std::shared_ptr<HttpSession>& session);
  // Gives back what Admit gave; `session` may be one that never entered.
  void Leave(const HttpSession* session, const std::string& address);

  std::vector<std::shared_ptr<HttpSession>> Sessions() const;
  int count() const;

 private:
  mutable std::mutex mutex_;
  int count_ = 0;
  std::map<std::string, int> of_address_;
  std::map<const HttpSession*, std::weak_ptr<HttpSession>> sessions_;
};

// What the sessions of a listener share, and what outlives each of them.
struct HttpContext {
  HttpContext(const HttpLimits& its_limits, std::shared_ptr<Handler> its_handler,
              std::shared_ptr<HttpTraffic> its_traffic)
      : limits(its_limits),
        handler(std::move(its_handler)),
        traffic(std::move(its_traffic)),
        bodies(its_limits.all_bodies_bytes) {}

  const HttpLimits limits;
  const std::shared_ptr<Handler> handler;
  const std::shared_ptr<HttpTraffic> traffic;
  BodyBudget bodies;
  SessionRegister sessions;
  std::atomic<bool> draining{false};  // answers end their connections
};

}  // namespace auscult::rest
