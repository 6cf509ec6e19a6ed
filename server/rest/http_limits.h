#pragma once

#include <chrono>
#include <cstdint>

namespace auscult::rest {

// What one client, and all of them together, may take. A connection that passes one of the times is
// closed; each of the sizes has a status of its own.
struct HttpLimits {
  int connections = 1000;                // beyond: 503
  int connections_per_address = 1000;    // beyond: 503
  int64_t request_line_bytes = 8 << 10;  // beyond: 414
  int64_t head_bytes = 16 << 10;         // of request line and header fields; beyond: 431
  int header_fields = 64;                // beyond: 431
  int64_t body_bytes = 1 << 20;          // beyond: 413
  int64_t all_bodies_bytes = 64 << 20;   // of all requests that have not been answered; beyond: 503

  std::chrono::milliseconds handshake{10'000};  // of TLS, whole
  std::chrono::milliseconds idle{60'000};       // between requests
  std::chrono::milliseconds head{
      10'000};  // from the first byte of a request to the end of its head
  std::chrono::milliseconds body{60'000};   // from there to the end of its body
  std::chrono::milliseconds write{30'000};  // without the client taking a byte
  std::chrono::milliseconds linger{2'000};  // in which a client may read why it was refused
};

}  // namespace auscult::rest
