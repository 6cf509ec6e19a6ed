#pragma once

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace auscult::server {

// Where the certificates of both ports are.
struct TlsFiles {
  std::string cert;       // PEM: the server's own first, then those between it and a root
  std::string key;        // PEM of its private key, without a passphrase
  std::string client_ca;  // PEM of who signs those of clients; empty: none are asked for
  bool requires_client_cert = true;  // with client_ca: a connection without one is refused

  bool enabled() const { return !cert.empty(); }
};

// What was in them, checked. Immutable once read, so that threads may share it.
struct TlsMaterial {
  std::string cert_pem, key_pem, client_ca_pem;
  std::string subject;  // of the server's own: "CN = plant.example"
  std::chrono::system_clock::time_point expires;
  // For HTTP/1.1: TLS 1.2 and 1.3 (RFC 9325), client certificates as TlsFiles asks, ALPN (RFC
  // 7301).
  std::shared_ptr<SSL_CTX> http_context;
};

// Reads and checks them: certificates parse and hold today, the key is that of the certificate and
// readable by nobody but its owner (by its group too where root owns it). FAILED_PRECONDITION says
// which file, what is wrong and what to do.
absl::StatusOr<TlsMaterial> ReadTlsFiles(const TlsFiles& files);

// Which of the settings lack another: a certificate without its key, a CA without a certificate.
absl::Status CheckTlsSettings(const TlsFiles& files);

}  // namespace auscult::server
