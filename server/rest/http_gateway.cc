#include "server/rest/http_gateway.h"

#include <utility>

#include "server/rest/gzip.h"
#include "server/rest/http_error.h"

namespace auscult::rest {
namespace {

constexpr size_t kSmallestPacked = 1024;
constexpr char kHsts[] = "max-age=31536000";
constexpr int kPackedLevel = 1;  // while somebody waits

std::string* Find(HeaderFields& headers, const char* name) {
  for (auto& [field, value] : headers) {
    if (field == name) return &value;
  }
  return nullptr;
}

// On the thread of whoever answers, so that packing holds up no other connection.
void Pack(std::string_view accept_encoding, HttpResponse& response) {
  const std::string* type = Find(response.headers, "Content-Type");
  if (type == nullptr || !IsCompressible(*type) || response.body.size() < kSmallestPacked ||
      Find(response.headers, "Content-Encoding") != nullptr) {
    return;
  }
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!AcceptsGzip(accept_encoding)) return;
  response.body = Gzip(response.body, kPackedLevel);
  response.headers.emplace_back("Content-Encoding", "gzip");
  // Not the same bytes any more (RFC 9110, 8.8.1).
  std::string* etag = Find(response.headers, "ETag");
  if (etag != nullptr && !etag->starts_with("W/")) etag->insert(0, "W/");
}

// Puts on an answer what every answer has.
class DressedExchange : public Exchange {
 public:
  DressedExchange(std::shared_ptr<Exchange> exchange, const HttpRequest& request,
                  const OriginPolicy& policy, bool is_https)
      : exchange_(std::move(exchange)), accept_encoding_(request.Header("Accept-Encoding")) {
    headers_ = {{"X-Request-Id", request.request_id},
                {"X-Content-Type-Options", "nosniff"},
                {"Cross-Origin-Resource-Policy", "same-origin"}};
    if (is_https) headers_.emplace_back("Strict-Transport-Security", kHsts);
    policy.Allow(request, headers_);
  }

  void Answer(HttpResponse response) override {
    Pack(accept_encoding_, response);
    Dress(response.headers);
    exchange_->Answer(std::move(response));
  }
  void StartStream(HttpResponse head) override {
    Dress(head.headers);
    exchange_->StartStream(std::move(head));
  }
  void Send(std::string piece, std::function<void(bool)> taken) override {
    exchange_->Send(std::move(piece), std::move(taken));
  }
  void End() override { exchange_->End(); }
  void OnLeft(std::function<void()> left) override { exchange_->OnLeft(std::move(left)); }

 private:
  void Dress(HeaderFields& headers) {
    // What was not said to be kept is asked for again.
    if (Find(headers, "Cache-Control") == nullptr) {
      headers.emplace_back("Cache-Control", "no-cache");
    }
    headers.insert(headers.end(), headers_.begin(), headers_.end());
  }

  const std::shared_ptr<Exchange> exchange_;
  const std::string accept_encoding_;
  HeaderFields headers_;
};

HttpResponse Text(const char* route, std::string text, const char* type) {
  return {200, {{"Content-Type", type}, {"Cache-Control", "no-store"}}, std::move(text), route};
}

class HttpGateway : public Handler {
 public:
  HttpGateway(HttpGatewayOptions options, OriginPolicy policy)
      : options_(std::move(options)), policy_(std::move(policy)) {}

  void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) override {
    auto dressed =
        std::make_shared<DressedExchange>(std::move(exchange), request, policy_, options_.is_https);
    if (!policy_.KnowsHost(request.Header("Host"))) {
      return Refuse(421, "this server is not called by that name; add it to the setting rest_hosts",
                    request, *dressed);
    }
    if (request.method == "OPTIONS") return dressed->Answer(policy_.AnswerOptions(request));
    if (request.method != "GET" && policy_.OriginOf(request) == OriginPolicy::Origin::kForeign) {
      return Refuse(403, "pages of this origin may not call; name it in the setting cors_origins",
                    request, *dressed);
    }
    if (request.method == "GET" && AnswerItself(request, dressed)) return;
    if (options_.api != nullptr) {
      return options_.api->Handle(std::move(request), std::move(dressed));
    }
    Refuse(404, "nothing is served at this path", request, *dressed);
  }

 private:
  static void Refuse(int status, const char* message, const HttpRequest& request,
                     Exchange& exchange) {
    exchange.Answer(ErrorResponse(status, message, request.Header("Accept")));
  }

  bool AnswerItself(const HttpRequest& request, const std::shared_ptr<DressedExchange>& exchange) {
    if (options_.site != nullptr && options_.site->Serves(request.path)) {
      exchange->Answer(options_.site->Answer(request));
    } else if (request.path == "/healthz") {
      exchange->Answer(Text("/healthz", "ok\n", "text/plain"));
    } else if (request.path == "/readyz" && options_.ready) {
      AnswerReady(request, exchange);
    } else if (request.path == "/version") {
      exchange->Answer(Text("/version",
                            "{\"name\":\"auscultd\",\"version\":\"" + options_.version + "\"}\n",
                            "application/json"));
    } else if (request.path == "/metrics" && options_.metrics) {
      exchange->Answer(
          Text("/metrics", options_.metrics(), "text/plain; version=0.0.4; charset=utf-8"));
    } else if (request.path == "/" && options_.site == nullptr) {
      exchange->Answer(ErrorResponse(404, options_.no_site, request.Header("Accept")));
    } else {
      return false;
    }
    return true;
  }

  void AnswerReady(const HttpRequest& request, const std::shared_ptr<DressedExchange>& exchange) {
    options_.ready(
        [exchange, accept = std::string(request.Header("Accept"))](const std::string& missing) {
          if (missing.empty()) return exchange->Answer(Text("/readyz", "ok\n", "text/plain"));
          HttpResponse response = ErrorResponse(503, missing, accept);
          response.route = "/readyz";
          exchange->Answer(std::move(response));
        });
  }

  const HttpGatewayOptions options_;
  const OriginPolicy policy_;
};

}  // namespace

std::unique_ptr<Handler> MakeHttpGateway(HttpGatewayOptions options, OriginPolicy policy) {
  return std::make_unique<HttpGateway>(std::move(options), std::move(policy));
}

}  // namespace auscult::rest
