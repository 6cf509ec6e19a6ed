#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/config.h"

namespace auscult::server {

// The whole server: database, migrations, pipeline, services. One per process in production; tests
// start several.
class Server {
 public:
  // Returns when it accepts calls. Fails with what is wrong and what to do: occupied port, no
  // database, newer schema.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Config& config);
  ~Server();

  int port() const;       // of gRPC; 0: none
  int rest_port() const;  // of HTTP; 0: none
  // Where it listens and stores, one line each, for people.
  std::string Description() const;

  // Graceful: new calls are refused, streams are drained and committed, then the embedded database
  // stops. Returns after at most config.shutdown_grace_s.
  void Shutdown();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace auscult::server
