#pragma once

#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "cli/commands.h"

namespace auscult::cli {

// Whether what the options say of TLS holds together: files that can be read, a key that nobody
// else can, and no plain text to another machine unless that is asked for. Wrong use otherwise.
absl::Status CheckServerOptions(const ServerOptions& server);

// Of options that CheckServerOptions found good.
std::shared_ptr<grpc::ChannelCredentials> ServerCredentials(const ServerOptions& server);

// What to look at where gRPC says this of a connection that did not come about.
std::string WhyUnreachable(const std::string& said, const ServerOptions& server);

}  // namespace auscult::cli
