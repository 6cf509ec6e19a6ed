#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace auscult::server {

// What postmaster.pid says. PostgreSQL writes it at start and removes it at an orderly end.
struct Postmaster {
  pid_t pid = 0;
  std::string socket_dir;
  bool ready = false;  // accepts connections
};

// Reads it from the folder of a cluster. Nothing if there is none, it is not complete yet, or the
// process is not (any more) a postmaster of this folder: process ids are used again, in containers
// soon.
std::optional<Postmaster> FindPostmaster(const std::string& cluster_dir);

}  // namespace auscult::server
