#pragma once

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace auscult::server {

// The user that PostgreSQL runs as: needed when the tests are run by root.
inline std::string ServiceUser() {
  if (geteuid() != 0) return "";
  return getpwnam("postgres") != nullptr ? "postgres" : "nobody";
}

// A data folder, not made yet, that is gone with all it holds when the test ends.
class DataFolder {
 public:
  DataFolder() : parent_("/tmp/auscult-test-XXXXXX") {
    if (mkdtemp(parent_.data()) == nullptr || chmod(parent_.c_str(), 0755) != 0) std::abort();
  }
  ~DataFolder() {
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
