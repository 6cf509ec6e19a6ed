#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"  // how a Message goes into a call
#include "server/rest/call_context.h"
#include "server/rest/exchange.h"
#include "server/rest/rest_error.h"
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

// What an RPC has that is made for an HTTP request, whether it streams or not: the messages, the
// context, and its place among the live calls, which it leaves when it is destroyed.
class ProxiedCall {
 protected:
  ProxiedCall(const Upstream& upstream, const Route& route, const HttpRequest& request,
              std::shared_ptr<Exchange> exchange);
  ~ProxiedCall();
  ProxiedCall(const ProxiedCall&) = delete;
  ProxiedCall& operator=(const ProxiedCall&) = delete;

  // UNAVAILABLE when no more calls are taken. `call` is this one; it is cancelled when the client
  // leaves.
  template <class Call>
  absl::Status GoLive(const std::weak_ptr<Call>& call) {
    if (absl::Status status = Join(); !status.ok()) return status;
    exchange_->OnLeft([call] {
      if (const auto still = call.lock()) still->context_->TryCancel();
    });
    return absl::OkStatus();
  }
  void AnswerError(const RestError& error);

  const HttpBinding& binding_;
  const std::shared_ptr<Exchange> exchange_;
  const std::unique_ptr<google::protobuf::Message> request_;
  const std::unique_ptr<google::protobuf::Message> answer_;
  std::optional<grpc::ClientContext> context_;

 private:
  absl::Status Join();

  const std::shared_ptr<LiveCalls> live_calls_;
  const bool as_problem_;
  bool is_live_ = false;
};

}  // namespace auscult::rest
