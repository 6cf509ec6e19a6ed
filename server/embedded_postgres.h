#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/child_process.h"
#include "server/postgres_installation.h"

namespace auscult::server {

// What suits a server of trends, lines of postgresql.conf appended to what initdb wrote. Everything
// in it may be changed by hand there; where the socket is and that there is no TCP stands on the
// command line.
extern const char kClusterSettings[];

struct EmbeddedPostgresOptions {
  std::string data_dir;      // of the server; the cluster lives in data_dir/postgres
  std::string bin_dir;       // "" = newest of /usr/lib/postgresql/*/bin
  std::string service_user;  // needed when running as root
};

// A private PostgreSQL cluster: initdb with checksums and C.UTF-8, no TCP, a Unix socket in a short
// path, the server's own user, flock on the folder. A postmaster that outlived a killed server is
// adopted. Not thread-safe.
//
// In data_dir: postgres/ (the cluster), postgres.log (what PostgreSQL says), run/ (the socket; in a
// private folder under /tmp where that path would be too long for a socket), auscultd.lock.
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

  // For libpq. It stays the same over a restart of the cluster.
  const std::string& conninfo() const { return conninfo_; }
  int major_version() const { return installation_.major_version; }
  const std::string& data_dir() const { return options_.data_dir; }

  // Starts the postmaster again if it has died, and waits until it answers.
  absl::Status EnsureRunning();
  absl::Status Stop();

 private:
  EmbeddedPostgres() = default;
  absl::Status LockFolder();
  absl::Status FindCluster();
  absl::Status MakeCluster();
  absl::Status Adopt();
  absl::Status ChooseSocketDir();
  absl::Status StartPostmaster();
  absl::Status TryStartPostmaster();
  absl::Status AwaitReady(int64_t log_start);
  absl::Status CreateDatabase() const;
  absl::Status MakeFolder(const std::string& path, mode_t mode, bool for_postgres) const;
  bool HasEnded();
  std::string LogPath() const { return options_.data_dir + "/postgres.log"; }
  std::string LogTail(int64_t log_start) const;

  EmbeddedPostgresOptions options_;
  RunAs user_;
  PostgresInstallation installation_;
  std::string conninfo_, socket_dir_, cluster_dir_;
  int lock_fd_ = -1;
  pid_t postmaster_ = 0;   // 0 = none
  bool is_child_ = false;  // else it was adopted
  bool new_cluster_ = false;
};

}  // namespace auscult::server
