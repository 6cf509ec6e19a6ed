#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace auscult::server {

// Where the server takes calls. Holding one proves that it is on this machine only: without TLS and
// credentials nothing else may be exposed.
struct ListenAddress {
  std::string host;                        // numeric, without brackets: "127.0.0.1", "::1"
  int port = 0;                            // 0 = a free one
  std::string Text(int bound_port) const;  // "[::1]:7070"
};

// Reads "127.0.0.1:7070", "localhost:7070" or "[::1]:7070", the value of `setting`.
// INVALID_ARGUMENT for text that is no address with a port, FAILED_PRECONDITION for an address that
// other machines can reach.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& setting,
                                                 const std::string& text);

// ParseListenAddress, and CheckFree after it.
absl::StatusOr<ListenAddress> FreeAddress(const std::string& setting, const std::string& text);

// Tries to bind the address and lets go of it. gRPC itself does not say why it could not listen.
absl::Status CheckFree(const std::string& setting, const ListenAddress& address);

}  // namespace auscult::server
