#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "server/tls/tls_watch.h"

namespace auscult::server {

// TLS of one gRPC port (1.2 and 1.3, ALPN h2, gRPC's own list of ciphers) with what `watch` has in
// force when a connection is made. Outlives the server that takes it.
// grpc::experimental::FileWatcherCertificateProvider would watch for gRPC alone, by rules of its
// own.
std::shared_ptr<grpc::ServerCredentials> GrpcTlsCredentials(std::shared_ptr<const TlsWatch> watch);

}  // namespace auscult::server
