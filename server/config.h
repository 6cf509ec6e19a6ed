#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace auscult::server {

// Everything that can be set, with its default. Sources, strongest first: flag --listen,
// environment AUSCULT_LISTEN, key `listen` of the TOML file. Sizes take KB, MB, GB.
struct Config {
  std::string listen = "127.0.0.1:7070";  // gRPC; port 0 takes a free one
  std::string data_dir;  // default: $XDG_STATE_HOME/auscult, ~/.local/state/auscult,
                         // /var/lib/auscult as root
  std::string database;  // libpq URI or conninfo; empty: the embedded cluster under data_dir
  std::string roles = "ingest,api,jobs,rest";  // what it does of all that servers of a database do
  std::string rest_listen = "127.0.0.1:7080";  // HTTP; port 0 takes a free one, empty: none
  std::string rest_upstream;     // HOST:PORT of the gRPC that HTTP asks; empty: this server's own
  std::string rest_upstream_ca;  // PEM of who signs its certificate, "system"; empty: no TLS there
  std::string web_dir;           // the pages; default: found beside the program
  std::string cors_origins;      // whose pages may call, besides the own: "https://a.example,..."
  std::string rest_hosts;     // names under which HTTP is called, besides addresses and localhost
  std::string auth = "auto";  // whether callers show who they are: "auto", "required", "off"
  std::string oidc_issuer;    // whose tokens are taken; empty: nobody's
  std::string oidc_audience;  // what the tokens are for
  std::string oidc_jwks;      // URL or file of its keys; empty: as the issuer's configuration says
  std::string oidc_roles_claim = "auscult_roles";
  std::string tls_cert, tls_key;  // PEM, of gRPC and HTTP; empty: no TLS
  std::string tls_client_ca;      // PEM; empty: no certificates of clients are asked for
  std::string tls_client_certs = "required";  // or "optional"
  std::string service_user;                   // the user PostgreSQL runs as when the server is root
  std::string postgres_bin_dir;  // default: the newest of /usr/lib/postgresql/*/bin, 15 or later
  std::string log_level = "info";
  std::string log_format = "text";            // or "json"
  int64_t ingest_buffer_bytes = 512ll << 20;  // of waveforms in flight, whole server
  int64_t stream_buffer_bytes = 64ll << 20;   // of one stream
  int64_t max_message_bytes = 32ll << 20;
  int workers = 0;               // 0 = one per core
  int writers = 0;               // 0 = one for every four cores: fewer writers make larger batches
  int job_threads = 0;           // that score history again; 0 = one for every two cores
  int job_share_percent = 10;    // of the time of such a thread, at least, while records come in
  int job_lease_s = 30;          // after which others go on with what a dead server left
  int database_connections = 8;  // for queries, writers apart
  int commit_records = 256;      // at most, in one transaction
  int baseline_cache_entries = 20000;
  int64_t raw_recent_s = 86400;
  int shutdown_grace_s = 20;
  bool allow_unsafe_database = false;  // accept fsync = off; for tests
};

// What the command line asked for besides settings.
struct Invocation {
  enum class Task { kServe, kBackUp, kRestore };
  Task task = Task::kServe;
  std::string backup_folder;  // of kBackUp and kRestore, absolute
  Config config;
  std::string config_file;
  bool check_config = false;
  bool show_version = false;
  bool show_help = false;
  std::string help;       // text to print for show_help
  std::string effective;  // every setting as a line of TOML with where it came from, no passwords
};

// Reads flags (and "backup FOLDER" or "restore FOLDER" before, between or after them), environment
// ("NAME=value") and the file that --config or AUSCULT_CONFIG names. INVALID_ARGUMENT names the
// flag, variable or file:line and what is allowed; an unknown key is refused with the nearest known
// one. A password is refused on the command line, where every user of the machine can read it, and
// in a file that others may read. With show_help or show_version nothing else is read.
absl::StatusOr<Invocation> ParseInvocation(int argc, const char* const* argv,
                                           const std::vector<std::string>& environment);

}  // namespace auscult::server
