#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/listen_address.h"
#include "server/tls/tls_watch.h"

namespace grpc {
class Channel;
}
namespace prometheus {
class Collectable;
}

namespace auscult::server {

// HTTP of this server: the REST API, over `upstream`, and the dashboard.
class RestProxy {
 public:
  // Returns when it takes connections, within TLS unless `certificates` is null. `metrics` is shown
  // by /metrics beside those of HTTP.
  static absl::StatusOr<std::unique_ptr<RestProxy>> Start(
      const Config& config, std::shared_ptr<grpc::Channel> upstream,
      std::shared_ptr<const TlsWatch> certificates, const Protection& protection,
      std::shared_ptr<prometheus::Collectable> metrics);
  ~RestProxy();

  int port() const;
  // Where it listens and what is there, a line or two, for people.
  std::string Description() const;

  // Ends streams, lets answers under way finish within `grace`.
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Parts;
  explicit RestProxy(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// What of the settings of HTTP cannot be used: origins, hosts.
absl::Status CheckRestSettings(const Config& config);

}  // namespace auscult::server
