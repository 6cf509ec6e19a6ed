#pragma once

#include "absl/status/statusor.h"
#include "auscult/v1/admin_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/server_channel.h"

namespace auscult::cli {

// Calls a method of AdminService: AskAdmin(server, &v1::AdminService::Stub::GetStorage, request).
template <typename Request, typename Response>
absl::StatusOr<Response> AskAdmin(
    const ServerOptions& server,
    grpc::Status (v1::AdminService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
    const Request& request) {
  grpc::ClientContext context;
  SetReadDeadline(context);
  Response response;
  const auto stub = v1::AdminService::NewStub(OpenChannel(server));
  const grpc::Status status = ((*stub).*method)(&context, request, &response);
  if (!status.ok()) return ErrorOf(status, server);
  return response;
}

}  // namespace auscult::cli
