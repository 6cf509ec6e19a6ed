#include "server/rest/negotiation.h"

#include "server/rest/media_type.h"

namespace auscult::rest {
namespace {

std::string Listed(const std::vector<std::string>& types) {
  std::string text;
  for (const std::string& type : types) text += (text.empty() ? "" : ", ") + type;
  return text;
}

std::vector<std::string> BodyTypesOf(const HttpBinding& binding) {
  if (binding.method->client_streaming()) return {kNdjson, kJson};
  return {kJson};
}

std::optional<RestError> CheckBody(const HttpBinding& binding, const HttpRequest& request) {
  if (request.body.empty()) return std::nullopt;
  if (binding.body == HttpBinding::Body::kNone) {
    return ToRestError(Refuse({.reason = "UNEXPECTED_BODY",
                               .message = "this call takes no body",
                               .remedy = "send parameters in the query"}));
  }
  const std::string type = MediaTypeOf(request.Header("Content-Type"));
  const std::vector<std::string> taken = BodyTypesOf(binding);
  for (const std::string& candidate : taken) {
    if (type == candidate || type.empty()) return std::nullopt;
  }
  return ToRestError(Refuse({.reason = "UNSUPPORTED_CONTENT_TYPE",
                             .message = "the body is of another type than this call reads",
                             .remedy = "send Content-Type: " + Listed(taken),
                             .field = "Content-Type"}),
                     415);
}

}  // namespace

std::optional<RestError> Negotiate(const HttpBinding& binding, const HttpRequest& request,
                                   std::string& media_type) {
  const std::string_view accept = request.Header("Accept");
  const std::vector<std::string>& offered = binding.media_types;
  const auto chosen = ChooseMediaType(accept, offered);
  if (chosen) {
    media_type = *chosen;
  } else if (NamesMediaType(accept, kJson) || NamesMediaType(accept, kProblemJson)) {
    media_type = offered.front();
  } else {
    return ToRestError(Refuse({.reason = "NOT_ACCEPTABLE",
                               .message = "this call answers with none of the types in Accept",
                               .remedy = "ask for " + Listed(offered),
                               .field = "Accept"}),
                       406);
  }
  return CheckBody(binding, request);
}

}  // namespace auscult::rest
