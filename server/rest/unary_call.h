#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "google/protobuf/message.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"  // how a Message goes into a call
#include "server/rest/call_context.h"
#include "server/rest/exchange.h"
#include "server/rest/route_table.h"

namespace auscult::rest {

// Calls by name with messages that are known by their descriptors only.
using RpcStub = grpc::TemplatedGenericStub<google::protobuf::Message, google::protobuf::Message>;

// Where calls go, and for how long when the request says nothing.
struct Upstream {
  RpcStub& stub;
  std::shared_ptr<LiveCalls> live_calls;
  std::chrono::milliseconds default_timeout;
};

// "/auscult.v1.AssetService/GetSite"
std::string RpcPath(const google::protobuf::MethodDescriptor& method);

// A new empty message of that type.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor& type);

// Makes the call that the route leads to and answers the exchange as `media_type`, also where the
// request cannot be read. Returns at once. The call is cancelled when the client leaves.
void CallUnary(const Upstream& upstream, const Route& route, const HttpRequest& request,
               const std::string& media_type, std::shared_ptr<Exchange> exchange);

}  // namespace auscult::rest
