#pragma once

#include <grpcpp/support/client_interceptor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/commands.h"

namespace auscult::cli {

// Sets the key or token to show: that in the file that was named, without white space around it,
// else that in AUSCULT_KEY. Wrong use says what is wrong with the file: nobody but its owner may
// read it.
absl::Status FindKey(ServerOptions& server);

// Has every call of a channel show the key; "": nothing.
std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> ShowKey(
    const std::string& key);

}  // namespace auscult::cli
