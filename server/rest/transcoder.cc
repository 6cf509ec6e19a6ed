#include "server/rest/transcoder.h"

#include <cassert>
#include <string>
#include <utility>

#include "google/protobuf/empty.pb.h"
#include "server/rest/contract.h"
#include "server/rest/entity_tag.h"
#include "server/rest/media_type.h"
#include "server/rest/negotiation.h"
#include "server/rest/openapi.h"
#include "server/rest/rest_error.h"
#include "server/rest/route_table.h"
#include "server/rest/stream_call.h"
#include "server/rest/unary_call.h"

namespace auscult::rest {
namespace {

class Transcoder : public Handler {
 public:
  Transcoder(std::shared_ptr<grpc::Channel> channel, const TranscoderOptions& options)
      : stub_(std::move(channel)),
        upstream_{stub_, std::make_shared<LiveCalls>(), options.default_timeout} {
    const absl::Status added = AddRoutes(routes_);
    assert(added.ok() && "the annotations of the contract contradict each other");
    static_cast<void>(added);
  }

  ~Transcoder() override { upstream_.live_calls->CancelAndWait(); }

  void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) override {
    if (request.path == "/openapi.json" && request.method == "GET") {
      return exchange->Answer(AnswerOpenApi(request));
    }
    const auto route = routes_.Find(request.method, request.path);
    const bool as_problem = NamesMediaType(request.Header("Accept"), kProblemJson);
    if (!route.ok()) {
      return exchange->Answer(ErrorResponse(ToRestError(route.status()), as_problem));
    }
    if (route->binding == nullptr) {
      return exchange->Answer(AnswerNoRoute(request, *route, as_problem));
    }
    std::string media_type;
    if (const auto error = Negotiate(*route->binding, request, media_type)) {
      HttpResponse response = ErrorResponse(*error, as_problem);
      response.route = route->binding->pattern;
      return exchange->Answer(std::move(response));
    }
    const auto& method = *route->binding->method;
    if (method.server_streaming() || method.client_streaming()) {
      return CallStream(upstream_, *route, request, media_type, std::move(exchange));
    }
    CallUnary(upstream_, *route, request, media_type, std::move(exchange));
  }

 private:
  static HttpResponse AnswerOpenApi(const HttpRequest& request) {
    static const std::string& document = *new std::string(OpenApiDocument());
    const std::string tag = EntityTag(google::protobuf::Empty(), document);
    HttpResponse response;
    response.route = "/openapi.json";
    response.headers = {{"Content-Type", kJson}, {"ETag", tag}, {"Cache-Control", "no-cache"}};
    if (MatchesAny(request.Header("If-None-Match"), tag)) {
      response.status = 304;
    } else {
      response.body = document;
    }
    return response;
  }

  static HttpResponse AnswerNoRoute(const HttpRequest& request, const Route& route,
                                    bool as_problem) {
    if (route.allowed.empty()) {
      return ErrorResponse(ToRestError(Refuse({.reason = "UNKNOWN_ROUTE",
                                               .message = "nothing is served under this path",
                                               .remedy = "/openapi.json lists what is"}),
                                       404),
                           as_problem);
    }
    std::string allow;
    for (const std::string& method : route.allowed) {
      allow += (allow.empty() ? "" : ", ") + method + (method == "GET" ? ", HEAD" : "");
    }
    if (request.method == "OPTIONS") return {204, {{"Allow", allow}}, "", ""};
    RestError error = ToRestError(Refuse({.reason = "METHOD_NOT_ALLOWED",
                                          .message = request.method + " is not served here",
                                          .remedy = "use " + allow}),
                                  405);
    error.headers.emplace_back("Allow", allow);
    return ErrorResponse(error, as_problem);
  }

  RouteTable routes_;
  RpcStub stub_;
  Upstream upstream_;
};

}  // namespace

std::unique_ptr<Handler> MakeTranscoder(std::shared_ptr<grpc::Channel> channel,
                                        const TranscoderOptions& options) {
  return std::make_unique<Transcoder>(std::move(channel), options);
}

}  // namespace auscult::rest
