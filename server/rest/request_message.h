#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "server/rest/exchange.h"
#include "server/rest/route_table.h"

namespace auscult::rest {

// Fills `message`, the empty request of the route's method, from body, query and path, in this
// order: what the path says counts. The update mask of a PATCH that sends none is made of the
// fields in its body. INVALID_ARGUMENT names the field and what is allowed.
absl::Status FillRequest(const Route& route, const HttpRequest& request,
                         google::protobuf::Message& message);

// The body is left out: for streams, whose body holds many messages.
absl::Status FillFromQueryAndPath(const Route& route, const HttpRequest& request,
                                  google::protobuf::Message& message);

// The field of the request, or of the resource in it, that says which version a change is for; the
// message that holds it comes with it. Null where the request knows none.
struct EtagField {
  google::protobuf::Message* message = nullptr;
  const google::protobuf::FieldDescriptor* field = nullptr;
};
EtagField FindEtagField(const HttpBinding& binding, google::protobuf::Message& message);

}  // namespace auscult::rest
