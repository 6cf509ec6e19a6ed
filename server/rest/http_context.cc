#include "server/rest/http_context.h"

#include <utility>

namespace auscult::rest {

bool SessionRegister::Admit(const std::string& address, const HttpLimits& limits) {
  const std::lock_guard lock(mutex_);
  if (count_ >= limits.connections) return false;
  int& of_address = of_address_[address];
  if (of_address >= limits.connections_per_address) return false;
  ++of_address;
  ++count_;
  return true;
}

void SessionRegister::Enter(const std::shared_ptr<HttpSession>& session) {
  const std::lock_guard lock(mutex_);
  sessions_[session.get()] = session;
}

void SessionRegister::Leave(const HttpSession* session, const std::string& address) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session);
  --count_;
  const auto of_address = of_address_.find(address);
  if (--of_address->second == 0) of_address_.erase(of_address);
}

std::vector<std::shared_ptr<HttpSession>> SessionRegister::Sessions() const {
  std::vector<std::shared_ptr<HttpSession>> sessions;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, session] : sessions_) {
    if (auto open = session.lock()) sessions.push_back(std::move(open));
  }
  return sessions;
}

int SessionRegister::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

}  // namespace auscult::rest
