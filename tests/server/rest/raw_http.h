#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/rest/http_listener.h"

namespace auscult::rest {

// Bytes to a port of 127.0.0.1 and back, with no idea of HTTP beyond the end of an answer. Within
// TLS where `tls` says how; a handshake that fails leaves it without connection.
class RawHttp {
 public:
  explicit RawHttp(int port, SSL_CTX* tls = nullptr)
      : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    if (tls == nullptr || !connected_) return;
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL, perhaps to who hung up
    ssl_.reset(SSL_new(tls));
    SSL_set_fd(ssl_.get(), fd_);
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  ~RawHttp() { Close(); }
  RawHttp(const RawHttp&) = delete;
  RawHttp& operator=(const RawHttp&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  SSL* ssl() const { return ssl_.get(); }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  void CloseSending() {
    if (ssl_ != nullptr) SSL_shutdown(ssl_.get());
    shutdown(fd_, SHUT_WR);
  }

  // False: the other side takes no more.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ssl_ != nullptr
                               ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                               : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // More bytes into `received()`; false: the end, or nothing within the time.
  bool Receive(std::chrono::milliseconds within = std::chrono::seconds(10)) {
    pollfd wait{fd_, POLLIN, 0};
    const bool has_more = ssl_ != nullptr && SSL_pending(ssl_.get()) > 0;
    if (!has_more && poll(&wait, 1, static_cast<int>(within.count())) <= 0) return false;
    char bytes[65536];
    const ssize_t got = ssl_ != nullptr ? SSL_read(ssl_.get(), bytes, sizeof(bytes))
                                        : recv(fd_, bytes, sizeof(bytes), 0);
    if (got <= 0) ended_ = true;
    if (got > 0) received_.append(bytes, static_cast<size_t>(got));
    return got > 0;
  }
  const std::string& received() const { return received_; }
  bool ended() const { return ended_; }

  // Until `mark` has come: what came to its end, taken from received(). Empty: it never came.
  std::string ReadTo(std::string_view mark) {
    size_t at = 0;
    while ((at = received_.find(mark)) == received_.npos) {
      if (!Receive()) return "";
    }
    std::string text = received_.substr(0, at + mark.size());
    received_.erase(0, text.size());
    return text;
  }
  std::string ReadAll() {
    while (Receive()) {
    }
    return std::exchange(received_, "");
  }
  // One answer with its body by Content-Length.
  std::string ReadAnswer() {
    std::string answer = ReadTo("\r\n\r\n");
    const size_t at = answer.find("Content-Length: ");
    const size_t length = at == answer.npos ? 0 : static_cast<size_t>(std::atoll(&answer[at + 16]));
    while (received_.size() < length && Receive()) {
    }
    answer += received_.substr(0, length);
    received_.erase(0, length);
    return answer;
  }

 private:
  int fd_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
  bool connected_ = false, ended_ = false;
  std::string received_;
};

// What the listener told of its connections.
class CountedTraffic : public HttpTraffic {
 public:
  void Opened() override { Add(opened_, 1); }
  void Closed() override { Add(closed_, 1); }
  void TurnedAway() override { Add(turned_away_, 1); }
  void Finished(const HttpAccess& access) override {
    const std::lock_guard lock(mutex_);
    finished_.push_back(access);
  }
  int opened() const { return Get(opened_); }
  int closed() const { return Get(closed_); }
  int turned_away() const { return Get(turned_away_); }
  std::vector<HttpAccess> finished() const {
    const std::lock_guard lock(mutex_);
    return finished_;
  }

 private:
  void Add(int& count, int by) {
    const std::lock_guard lock(mutex_);
    count += by;
  }
  int Get(const int& count) const {
    const std::lock_guard lock(mutex_);
    return count;
  }
  mutable std::mutex mutex_;
  int opened_ = 0, closed_ = 0, turned_away_ = 0;
  std::vector<HttpAccess> finished_;
};

// A listener whose requests a function answers.
class HttpServer {
 public:
  using Function = std::function<void(HttpRequest, std::shared_ptr<Exchange>)>;

  explicit HttpServer(Function function, HttpLimits limits = {},
                      std::shared_ptr<SSL_CTX> tls = nullptr)
      : HttpServer(std::make_shared<FunctionHandler>(std::move(function)), limits, std::move(tls)) {
  }
  explicit HttpServer(std::shared_ptr<Handler> handler, HttpLimits limits = {},
                      std::shared_ptr<SSL_CTX> tls = nullptr) {
    HttpListenerOptions options;
    options.limits = limits;
    options.threads = 2;
    if (tls != nullptr) options.tls = [tls] { return tls; };
    auto started = HttpListener::Start(options, std::move(handler), traffic_);
    if (!started.ok()) std::abort();
    listener_ = *std::move(started);
  }

  int port() const { return listener_->port(); }
  HttpListener& listener() { return *listener_; }
  CountedTraffic& traffic() { return *traffic_; }

 private:
  class FunctionHandler : public Handler {
   public:
    explicit FunctionHandler(Function function) : function_(std::move(function)) {}
    void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) override {
      function_(std::move(request), std::move(exchange));
    }

   private:
    const Function function_;
  };

  const std::shared_ptr<CountedTraffic> traffic_ = std::make_shared<CountedTraffic>();
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace auscult::rest
