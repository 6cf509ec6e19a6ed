#include "server/rest/http_gateway.h"

#include <utility>

#include "server/rest/http_error.h"

namespace auscult::rest {
namespace {

// Puts on the answer what every answer has.
class DressedExchange : public Exchange {
 public:
  DressedExchange(std::shared_ptr<Exchange> exchange, std::string request_id)
      : exchange_(std::move(exchange)), request_id_(std::move(request_id)) {}

  void Answer(HttpResponse response) override {
    Dress(response);
    exchange_->Answer(std::move(response));
  }
  void StartStream(HttpResponse head) override {
    Dress(head);
    exchange_->StartStream(std::move(head));
  }
  void Send(std::string piece, std::function<void(bool)> taken) override {
    exchange_->Send(std::move(piece), std::move(taken));
  }
  void End() override { exchange_->End(); }
  void OnLeft(std::function<void()> left) override { exchange_->OnLeft(std::move(left)); }

 private:
  void Dress(HttpResponse& response) {
    response.headers.emplace_back("X-Request-Id", request_id_);
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  }

  const std::shared_ptr<Exchange> exchange_;
  const std::string request_id_;
};

class HttpGateway : public Handler {
 public:
  explicit HttpGateway(HttpGatewayOptions options) : options_(std::move(options)) {}

  void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) override {
    auto dressed = std::make_shared<DressedExchange>(std::move(exchange), request.request_id);
    if (request.path == "/healthz") {
      dressed->Answer({200, {{"Content-Type", "text/plain"}}, "ok\n", "/healthz"});
    } else if (options_.api != nullptr) {
      options_.api->Handle(std::move(request), std::move(dressed));
    } else {
      dressed->Answer(
          ErrorResponse(404, "nothing is served at this path", request.Header("Accept")));
    }
  }

 private:
  const HttpGatewayOptions options_;
};

}  // namespace

std::unique_ptr<Handler> MakeHttpGateway(HttpGatewayOptions options) {
  return std::make_unique<HttpGateway>(std::move(options));
}

}  // namespace auscult::rest
