#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/rest/exchange.h"

namespace auscult::rest {

class HttpSession;

// The answering side of request `number` of a session. It does not keep the connection: where that
// is gone, so is the client. Thread-safe.
class SessionExchange : public Exchange {
 public:
  SessionExchange(std::weak_ptr<HttpSession> session, std::weak_ptr<boost::asio::io_context> io,
                  uint64_t number);
  ~SessionExchange() override;

  void Answer(HttpResponse response) override;
  void StartStream(HttpResponse head) override;
  void Send(std::string piece, std::function<void(bool)> taken) override;
  void End() override;
  void OnLeft(std::function<void()> left) override;

 private:
  // False: the session is gone, and `call` was not taken.
  template <typename Call>
  bool Post(Call call);

  const std::weak_ptr<HttpSession> session_;
  const std::weak_ptr<boost::asio::io_context> io_;
  const uint64_t number_;
};

}  // namespace auscult::rest
