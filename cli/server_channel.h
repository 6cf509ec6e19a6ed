#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/commands.h"

namespace auscult::cli {

// A channel to the server; connects when it is first used.
std::shared_ptr<grpc::Channel> OpenChannel(const ServerOptions& server);

// Gives a call that answers at once as long as a person waits.
void SetReadDeadline(grpc::ClientContext& context);

// What went wrong, for people: message, remedy, reason and fields from the error details; for a
// server that does not answer, where it was looked for.
absl::Status ErrorOf(const grpc::Status& status, const ServerOptions& server);

// How long the server asks to wait before the next attempt; zero where it asks for nothing.
std::chrono::milliseconds RetryDelayOf(const grpc::Status& status);

// Calls a method that answers at once: Ask<v1::HealthService>(server,
// &v1::HealthService::Stub::Relearn, request).
template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> Ask(const ServerOptions& server,
                             grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                                   const Request&, Response*),
                             const Request& request) {
  grpc::ClientContext context;
  SetReadDeadline(context);
  Response response;
  const auto stub = Service::NewStub(OpenChannel(server));
  const grpc::Status status = ((*stub).*method)(&context, request, &response);
  if (!status.ok()) return ErrorOf(status, server);
  return response;
}

// The field that an error blames, "" where it blames none.
std::string BlamedField(const grpc::Status& status);

}  // namespace auscult::cli
