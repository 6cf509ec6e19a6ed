#pragma once

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "server/child_process.h"
#include "server/postmaster.h"

namespace auscult::server {

// The user that PostgreSQL runs as: needed when the tests are run by root.
inline std::string ServiceUser() {
  if (geteuid() != 0) return "";
  return getpwnam("postgres") != nullptr ? "postgres" : "nobody";
}

// A data folder, not made yet, that is gone with all it holds when the test ends; so is a
// postmaster that a killed server left in it.
class DataFolder {
 public:
  DataFolder() : parent_("/tmp/auscult-test-XXXXXX") {
    if (mkdtemp(parent_.data()) == nullptr || chmod(parent_.c_str(), 0755) != 0) std::abort();
  }
  ~DataFolder() {
    if (const auto postmaster = FindPostmaster(cluster())) {
      kill(postmaster->pid, SIGQUIT);
      while (IsAlive(postmaster->pid)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::error_code ignored;
    std::filesystem::remove_all(parent_, ignored);
  }
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  std::string path() const { return parent_ + "/data"; }
  std::string cluster() const { return path() + "/postgres"; }

 private:
  std::string parent_;
};

}  // namespace auscult::server
