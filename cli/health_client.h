#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "auscult/v1/health_service.grpc.pb.h"
#include "cli/commands.h"
#include "cli/server_channel.h"

namespace auscult::cli {

// Calls a method of HealthService: AskHealth(server, &v1::HealthService::Stub::Relearn, request).
template <typename Request, typename Response>
absl::StatusOr<Response> AskHealth(const ServerOptions& server,
                                   grpc::Status (v1::HealthService::Stub::*method)(
                                       grpc::ClientContext*, const Request&, Response*),
                                   const Request& request) {
  return Ask<v1::HealthService>(server, method, request);
}

}  // namespace auscult::cli
