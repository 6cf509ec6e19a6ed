#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace auscult::server {

// Where the server takes calls.
struct ListenAddress {
  std::string host;                        // numeric, without brackets: "127.0.0.1", "::1"
  int port = 0;                            // 0 = a free one
  bool is_loopback() const;                // this machine alone can reach it
  std::string Text(int bound_port) const;  // "[::1]:7070"
};

// What stands between a port and those who can reach it.
struct Protection {
  bool tls = false;
  bool authentication = false;  // callers have to prove who they are
};

// Whether the server may listen there: on this machine's own addresses always, elsewhere with TLS
// and authentication only. FAILED_PRECONDITION says what is missing and what to do.
absl::Status MayListen(const std::string& setting, const ListenAddress& address,
                       const Protection& protection);

// Reads "127.0.0.1:7070", "localhost:7070", "[::1]:7070", "0.0.0.0:7070" or "*:7070", the value of
// `setting`. INVALID_ARGUMENT for anything else.
absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& setting,
                                                 const std::string& text);

// ParseListenAddress, and CheckFree after it.
absl::StatusOr<ListenAddress> FreeAddress(const std::string& setting, const std::string& text);

// Tries to bind the address and lets go of it. gRPC itself does not say why it could not listen.
absl::Status CheckFree(const std::string& setting, const ListenAddress& address);

}  // namespace auscult::server
