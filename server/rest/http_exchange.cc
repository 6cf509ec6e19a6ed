#include "server/rest/http_exchange.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "server/rest/http_session.h"

namespace auscult::rest {

SessionExchange::SessionExchange(std::weak_ptr<HttpSession> session,
                                 std::weak_ptr<boost::asio::io_context> io, uint64_t number)
    : session_(std::move(session)), io_(std::move(io)), number_(number) {}

template <typename Call>
bool SessionExchange::Post(Call call) {
  // In this order: while the session is held, so is what its strand runs on.
  const std::shared_ptr<boost::asio::io_context> io = io_.lock();
  std::shared_ptr<HttpSession> session = session_.lock();
  if (io == nullptr || session == nullptr) return false;
  const Strand strand = session->strand();
  boost::asio::post(
      strand, [session = std::move(session), call = std::move(call)]() mutable { call(*session); });
  return true;
}

SessionExchange::~SessionExchange() {
  Post([number = number_](HttpSession& session) { session.Abandon(number); });
}

void SessionExchange::Answer(HttpResponse response) {
  Post([number = number_, response = std::move(response)](HttpSession& session) mutable {
    session.Answer(number, std::move(response));
  });
}

void SessionExchange::StartStream(HttpResponse head) {
  Post([number = number_, head = std::move(head)](HttpSession& session) mutable {
    session.StartStream(number, std::move(head));
  });
}

void SessionExchange::Send(std::string piece, std::function<void(bool)> taken) {
  const bool posted =
      Post([number = number_, piece = std::move(piece), taken](HttpSession& session) mutable {
        session.Send(number, std::move(piece), std::move(taken));
      });
  if (!posted) taken(false);
}

void SessionExchange::End() {
  Post([number = number_](HttpSession& session) { session.End(number); });
}

void SessionExchange::OnLeft(std::function<void()> left) {
  const bool posted = Post([number = number_, left](HttpSession& session) mutable {
    session.OnLeft(number, std::move(left));
  });
  if (!posted) left();
}

}  // namespace auscult::rest
