#include "server/rest/proxied_call.h"

#include <utility>

#include "server/rest/media_type.h"

namespace auscult::rest {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;

std::string RpcPath(const MethodDescriptor& method) {
  return '/' + method.service()->full_name() + '/' + method.name();
}

std::unique_ptr<Message> NewMessage(const Descriptor& type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

ProxiedCall::ProxiedCall(const Upstream& upstream, const Route& route, const HttpRequest& request,
                         std::shared_ptr<Exchange> exchange)
    : binding_(*route.binding),
      exchange_(std::move(exchange)),
      request_(NewMessage(*binding_.method->input_type())),
      answer_(NewMessage(*binding_.method->output_type())),
      live_calls_(upstream.live_calls),
      as_problem_(NamesMediaType(request.Header("Accept"), kProblemJson)) {
  context_.emplace();
}

ProxiedCall::~ProxiedCall() {
  // The context holds the channel, which must not go away in a callback: whoever waits for the live
  // calls holds it longer.
  if (is_live_) live_calls_->End(context_);
}

absl::Status ProxiedCall::Join() {
  is_live_ = live_calls_->Add(&*context_);
  return is_live_ ? absl::OkStatus() : absl::UnavailableError("the server is stopping");
}

void ProxiedCall::AnswerError(const RestError& error) {
  HttpResponse response = ErrorResponse(error, as_problem_);
  response.route = binding_.pattern;
  exchange_->Answer(std::move(response));
}

}  // namespace auscult::rest
