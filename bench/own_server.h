#pragma once

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bench/ingest_scene.h"

// What a benchmark needs to run an auscultd of its own, and to look into its database.
namespace auscult::bench {

// Removed with all it holds.
struct Folder {
  Folder() {
    if (mkdtemp(path.data()) == nullptr || chmod(path.c_str(), 0755) != 0) Die("no folder in /tmp");
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path = "/tmp/auscult-bench-XXXXXX";
};

struct Cluster {
  pid_t postmaster = 0;
  std::string conninfo;
};

// The embedded one of a server that runs on `data_dir`.
inline Cluster FindCluster(const std::string& data_dir) {
  std::ifstream file(data_dir + "/postgres/postmaster.pid");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.size() < 5) Die("no postmaster.pid in " + data_dir + "/postgres");
  return {std::atoi(lines[0].c_str()), "host=" + lines[4] + " user=auscult dbname=auscult"};
}

inline std::vector<std::string> ServerArguments(const std::string& data_dir) {
  std::vector<std::string> arguments = {"--data-dir", data_dir};
  if (geteuid() == 0) {
    arguments.insert(arguments.end(),
                     {"--service-user", getpwnam("postgres") != nullptr ? "postgres" : "nobody"});
  }
  return arguments;
}

// The auscultd that was built beside this program.
inline std::string BuiltServer() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "auscultd";
}

}  // namespace auscult::bench
