#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace auscult::server {

// The account a program is to run under.
struct RunAs {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  bool changes_identity = false;  // true only where this process is root
};

// Root needs `service_user`, for PostgreSQL refuses to run as root; anyone else may only name
// himself or leave it empty. FAILED_PRECONDITION says what to do.
absl::StatusOr<RunAs> ResolveRunAs(const std::string& service_user);

// Starts `argv` (argv[0] a path) in a session of its own, so that Ctrl-C reaches only this process,
// with default signals, a minimal environment, no open files but stdin (/dev/null) and stdout and
// stderr (both `output_fd`), in folder `/`. Returns its process id; a program that cannot be
// executed ends with 127. Safe while other threads run.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& argv, const RunAs& user, int output_fd);

struct Finished {
  int exit_code = 0;   // 128 + signal where one ended it
  std::string output;  // of both streams
};

// Spawn, and wait for the end: DEADLINE_EXCEEDED (and it is killed) after `timeout`.
absl::StatusOr<Finished> Run(const std::vector<std::string>& argv, const RunAs& user,
                             std::chrono::seconds timeout);

// True for a process that runs; a zombie does not.
bool IsAlive(pid_t pid);

}  // namespace auscult::server
