#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/config.h"

namespace grpc {
class Channel;
}

namespace auscult::server {

// HTTP of this server: the REST API, over `upstream`, and the dashboard.
class RestProxy {
 public:
  // Returns when it takes connections.
  static absl::StatusOr<std::unique_ptr<RestProxy>> Start(const Config& config,
                                                          std::shared_ptr<grpc::Channel> upstream);
  ~RestProxy();

  int port() const;
  std::string Url() const;  // "http://127.0.0.1:7080/"

  // Ends streams, lets answers under way finish within `grace`.
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Parts;
  explicit RestProxy(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace auscult::server
