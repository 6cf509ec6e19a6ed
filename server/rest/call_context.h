#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "grpcpp/client_context.h"
#include "server/rest/exchange.h"

namespace auscult::rest {

// The time that a request allows: X-Request-Timeout in seconds ("2.5"), or Grpc-Timeout as gRPC
// writes it ("2500m"). None: it says nothing. INVALID_ARGUMENT for anything else, and for none or
// more than a day.
absl::StatusOr<std::optional<std::chrono::milliseconds>> TimeoutOf(const HttpRequest& request);

// What goes on to the RPC of the headers: authorization, traceparent, tracestate, x-request-id,
// if-match and if-none-match. Nothing else does, so that no client can claim to be somebody by a
// header. A value that gRPC cannot carry stays behind.
void PassHeadersOn(const HttpRequest& request, grpc::ClientContext& context);

// The calls that are under way, so that they can be ended before their channel is.
class LiveCalls {
 public:
  LiveCalls();
  ~LiveCalls();

  // False: no more calls are taken.
  bool Add(grpc::ClientContext* context);
  // Destroys the context of a call that was added and is over. From then on it is not cancelled; it
  // counts as under way until it is destroyed, for it holds the channel.
  void End(std::optional<grpc::ClientContext>& context);
  // Cancels them all and waits for their ends.
  void CancelAndWait();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace auscult::rest
