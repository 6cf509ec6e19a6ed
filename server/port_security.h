#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/listen_address.h"
#include "server/tls/tls_watch.h"

namespace grpc {
class Channel;
class Server;
class ServerCredentials;
}  // namespace grpc

namespace auscult::server {

// The certificates that the settings name.
TlsFiles TlsFilesOf(const Config& config);

// What the settings alone tell of the two ports: addresses, what TLS lacks, who may reach them.
// Keys in the database count as authentication, and are looked for at the start only.
absl::Status CheckPorts(const Config& config);

// Reads the certificates and goes on to watch them, with words to the log. Null without TLS.
absl::StatusOr<std::shared_ptr<const TlsWatch>> WatchCertificates(const Config& config);

// Of gRPC: TLS with `watch`, none with null.
std::shared_ptr<grpc::ServerCredentials> PortCredentials(
    const std::shared_ptr<const TlsWatch>& watch);

// MayListen for `listen` and `rest_listen`, as far as they are used.
absl::Status MayServe(const Config& config, bool grpc, bool rest, const Protection& protection);

// The gRPC server that HTTP asks: `own`, or the one that the settings name. FAILED_PRECONDITION for
// a CA that cannot be read, and where HTTP would let others reach a server that asks nobody who he
// is, which that server is asked itself: protection.authentication then. UNAVAILABLE where it does
// not answer.
absl::StatusOr<std::shared_ptr<grpc::Channel>> UpstreamChannel(const Config& config,
                                                               grpc::Server* own,
                                                               Protection& protection);

// "from this machine only, without TLS", for people.
std::string Reach(const ListenAddress& address, const Protection& protection);

}  // namespace auscult::server
