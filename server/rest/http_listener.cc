#include "server/rest/http_listener.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rest/http_error.h"
#include "server/rest/http_session.h"

namespace auscult::rest {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using tcp = net::ip::tcp;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kDrainLook = std::chrono::milliseconds(5);

std::string TurnedAway() {
  const std::string body = ErrorResponse(503, "too many connections are open; try again", "").body;
  return absl::StrCat("HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n",
                      "Retry-After: 5\r\nConnection: close\r\nContent-Length: ", body.size(),
                      "\r\n\r\n", body);
}

}  // namespace

struct HttpListener::Parts {
  Parts(const HttpListenerOptions& options, std::shared_ptr<Handler> handler,
        std::shared_ptr<HttpTraffic> traffic)
      : context(
            std::make_shared<HttpContext>(options.limits, std::move(handler), std::move(traffic))),
        tls(options.tls) {}

  error_code Open(const HttpListenerOptions& options);
  void Accept();
  void Admit(Socket socket);

  std::shared_ptr<net::io_context> io = std::make_shared<net::io_context>();
  std::shared_ptr<HttpContext> context;
  const std::function<std::shared_ptr<SSL_CTX>()> tls;
  Strand strand = net::make_strand(*io);
  net::basic_socket_acceptor<tcp, Strand> acceptor{strand};
  net::steady_timer pause{strand};
  const std::string turned_away = TurnedAway();
  std::vector<std::thread> threads;
  int port = 0;
};

error_code HttpListener::Parts::Open(const HttpListenerOptions& options) {
  error_code error;
  const net::ip::address address = net::ip::make_address(options.host, error);
  if (error) return error;
  const tcp::endpoint endpoint(address, static_cast<uint16_t>(options.port));
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (!error) port = acceptor.local_endpoint(error).port();
  return error;
}

void HttpListener::Parts::Accept() {
  acceptor.async_accept(net::make_strand(*io), [this](const error_code& error, Socket socket) {
    if (error == net::error::operation_aborted || !acceptor.is_open()) return;
    if (!error) {
      Admit(std::move(socket));
      return Accept();
    }
    // Out of descriptors, most likely: the connection stays in the queue until some are free.
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](const error_code& ended) {
      if (!ended && acceptor.is_open()) Accept();
    });
  });
}

void HttpListener::Parts::Admit(Socket socket) {
  error_code error;
  const tcp::endpoint remote = socket.remote_endpoint(error);
  if (error) return;
  std::string host = remote.address().to_string();
  if (!context->sessions.Admit(host, context->limits)) {
    context->traffic->TurnedAway();
    if (tls) return;  // to say why would take a handshake
    socket.non_blocking(true, error);
    socket.write_some(net::buffer(turned_away), error);
    return;
  }
  const std::shared_ptr<SSL_CTX> with = tls ? tls() : nullptr;
  auto session =
      std::make_shared<HttpSession>(std::move(socket), with.get(), std::move(host), io, context);
  context->sessions.Enter(session);
  session->Start();
}

HttpListener::HttpListener(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
HttpListener::~HttpListener() { Stop(std::chrono::milliseconds(0)); }

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Start(
    const HttpListenerOptions& options, std::shared_ptr<Handler> handler,
    std::shared_ptr<HttpTraffic> traffic) {
  auto parts = std::make_unique<Parts>(options, std::move(handler), std::move(traffic));
  if (const error_code error = parts->Open(options)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "HTTP could not listen on ", options.host, " port ", options.port, ": ", error.message()));
  }
  Parts& running = *parts;
  net::post(running.strand, [&running] { running.Accept(); });
  for (int i = 0; i < options.threads; ++i) {
    running.threads.emplace_back([io = running.io] { io->run(); });
  }
  return std::unique_ptr<HttpListener>(new HttpListener(std::move(parts)));
}

int HttpListener::port() const { return parts_->port; }
int HttpListener::connections() const { return parts_->context->sessions.count(); }

void HttpListener::Stop(std::chrono::milliseconds grace) {
  if (parts_->threads.empty()) return;
  SessionRegister& sessions = parts_->context->sessions;
  parts_->context->draining = true;
  net::post(parts_->strand, [parts = parts_.get()] {
    error_code ignored;
    parts->acceptor.close(ignored);
    parts->pause.cancel();
  });
  for (const auto& session : sessions.Sessions()) session->Drain();
  const auto end = std::chrono::steady_clock::now() + grace;
  while (sessions.count() > 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kDrainLook);
  }
  for (const auto& session : sessions.Sessions()) session->Close();
  for (std::thread& thread : parts_->threads) thread.join();
  parts_->threads.clear();
}

}  // namespace auscult::rest
