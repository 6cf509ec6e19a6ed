#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace auscult::server {

struct EmbeddedPostgresOptions {
  std::string data_dir;      // of the server; the cluster lives in data_dir/postgres
  std::string bin_dir;       // "" = newest of /usr/lib/postgresql/*/bin
  std::string service_user;  // needed when running as root
};

// A private PostgreSQL cluster: initdb with checksums and C.UTF-8, no TCP, a Unix socket in a short
// path, the server's own user, flock on the folder. A postmaster that outlived a killed server is
// adopted.
class EmbeddedPostgres {
 public:
  // Makes the cluster if there is none, starts or adopts it, creates the database, waits until it
  // answers. FAILED_PRECONDITION: root without service user; data folder of another PostgreSQL
  // major version; folder in use by another auscultd; no PostgreSQL installed. Each says what to
  // do.
  static absl::StatusOr<std::unique_ptr<EmbeddedPostgres>> Start(
      const EmbeddedPostgresOptions& options);
  // Stops the cluster (fast mode) if Stop was not called.
  ~EmbeddedPostgres();

  // For libpq.
  const std::string& conninfo() const { return conninfo_; }
  absl::Status Stop();

 private:
  EmbeddedPostgres() = default;
  EmbeddedPostgresOptions options_;
  std::string conninfo_, socket_dir_, cluster_dir_;
  int lock_fd_ = -1;
  bool running_ = false;
};

}  // namespace auscult::server
