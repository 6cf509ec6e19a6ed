#include "server/rest/unary_call.h"

#include <chrono>
#include <utility>

#include "server/rest/entity_tag.h"
#include "server/rest/json_writer.h"
#include "server/rest/media_type.h"
#include "server/rest/request_message.h"
#include "server/rest/rest_error.h"
#include "server/rest/series_format.h"

namespace auscult::rest {
namespace {

// One call under way. Lives until the RPC is over.
class UnaryCall : public ProxiedCall, public std::enable_shared_from_this<UnaryCall> {
 public:
  UnaryCall(const Upstream& upstream, const Route& route, const HttpRequest& request,
            const std::string& media_type, std::shared_ptr<Exchange> exchange)
      : ProxiedCall(upstream, route, request, std::move(exchange)),
        media_type_(media_type),
        if_none_match_(request.Header("If-None-Match")),
        has_if_match_(!request.Header("If-Match").empty()) {}

  void Start(const Upstream& upstream, const Route& route, const HttpRequest& request) {
    absl::Status ready = Prepare(upstream, route, request);
    if (ready.ok()) ready = GoLive(weak_from_this());
    if (!ready.ok()) return AnswerError(ToRestError(ready));
    upstream.stub.UnaryCall(
        &*context_, RpcPath(*binding_.method), grpc::StubOptions(), request_.get(), answer_.get(),
        [call = shared_from_this()](const grpc::Status& status) { call->Finish(status); });
  }

 private:
  absl::Status Prepare(const Upstream& upstream, const Route& route, const HttpRequest& request) {
    const auto timeout = TimeoutOf(request);
    if (!timeout.ok()) return timeout.status();
    if (absl::Status filled = FillRequest(route, request, *request_); !filled.ok()) return filled;
    if (has_if_match_) {
      const EtagField etag = FindEtagField(binding_, *request_);
      if (etag.field == nullptr) {
        return Refuse({.reason = "IF_MATCH_NOT_TAKEN",
                       .message = "this call has no etag to compare",
                       .remedy = "leave If-Match out",
                       .field = "If-Match"});
      }
      etag.message->GetReflection()->SetString(etag.message, etag.field,
                                               ResourceEtag(request.Header("If-Match")));
    }
    PassHeadersOn(request, *context_);
    context_->set_deadline(std::chrono::system_clock::now() +
                           timeout->value_or(upstream.default_timeout));
    return absl::OkStatus();
  }

  void Finish(const grpc::Status& status) {
    if (!status.ok()) return AnswerError(ToRestError(status, has_if_match_));
    HttpResponse response;
    response.route = binding_.pattern;
    response.headers.emplace_back("Content-Type", media_type_);
    if (absl::Status written = Write(response); !written.ok()) {
      return AnswerError(ToRestError(written, 406));
    }
    if (binding_.http_method == "GET") AddEntityTag(response);
    exchange_->Answer(std::move(response));
  }

  absl::Status Write(HttpResponse& response) const {
    if (media_type_ == kOctets) return SeriesOctets(*answer_, response);
    if (media_type_ == kCsv) {
      response.body = SeriesCsv(*answer_);
    } else if (binding_.response_field != nullptr) {
      AppendFieldJson(*answer_, *binding_.response_field, response.body);
    } else {
      AppendJson(*answer_, response.body);
    }
    return absl::OkStatus();
  }

  void AddEntityTag(HttpResponse& response) const {
    const std::string tag = EntityTag(*answer_, response.body);
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Cache-Control", "private, no-cache");
    response.headers.emplace_back("Vary", "Accept");
    if (!MatchesAny(if_none_match_, tag)) return;
    response.status = 304;
    response.body.clear();
  }

  const std::string media_type_;
  const std::string if_none_match_;
  const bool has_if_match_;
};

}  // namespace

void CallUnary(const Upstream& upstream, const Route& route, const HttpRequest& request,
               const std::string& media_type, std::shared_ptr<Exchange> exchange) {
  const auto call =
      std::make_shared<UnaryCall>(upstream, route, request, media_type, std::move(exchange));
  call->Start(upstream, route, request);
}

}  // namespace auscult::rest
