#pragma once

#include <functional>
#include <memory>
#include <string>

#include "grpcpp/channel.h"

namespace auscult::rest {

// Asks grpc.health.v1 of the upstream whether `service` is SERVING; "" is the process. `told` is
// called once, from any thread, within two seconds: empty where it serves, else why not.
void AskUpstreamHealth(const std::shared_ptr<grpc::Channel>& upstream, const std::string& service,
                       std::function<void(std::string)> told);

}  // namespace auscult::rest
