#pragma once

#include <chrono>
#include <memory>

#include "grpcpp/channel.h"
#include "server/rest/exchange.h"

namespace auscult::rest {

struct TranscoderOptions {
  // Of unary calls that name no timeout. Streams have none.
  std::chrono::milliseconds default_timeout{60'000};
};

// Serves every RPC of the contract that has a google.api.http rule, over `channel`, and
// /openapi.json; everything else is 404. The channel should take answers of any size. Destroying it
// cancels the calls under way and waits for their ends; exchanges may come until then.
std::unique_ptr<Handler> MakeTranscoder(std::shared_ptr<grpc::Channel> channel,
                                        const TranscoderOptions& options = {});

}  // namespace auscult::rest
