#include "server/postmaster.h"

#include <filesystem>
#include <fstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/child_process.h"

namespace auscult::server {
namespace {

constexpr char kFileName[] = "/postmaster.pid";
// Linux gives no process a number beyond 2^22.

// Lines of the file, from 0: process id, data folder, start time, port, socket folder, listen
// address, shared memory key, status. (PostgreSQL's pidfile.h)
constexpr size_t kProcessLine = 0, kSocketLine = 4, kStatusLine = 7;

// A postmaster stays in its data folder. Where this process may not look (root in a container
// without CAP_SYS_PTRACE), its name has to do.
bool WorksIn(pid_t pid, const std::string& cluster_dir) {
  const std::string process = absl::StrCat("/proc/", pid);
  std::error_code error;
  const auto folder = std::filesystem::read_symlink(process + "/cwd", error);
  if (error == std::errc::permission_denied) {
    std::ifstream file(process + "/comm");
    std::string name;
    return std::getline(file, name) && name == "postgres";
  }
  return !error && std::filesystem::equivalent(folder, cluster_dir, error) && !error;
}

std::vector<std::string> ReadLines(const std::string& cluster_dir) {
  std::ifstream file(cluster_dir + kFileName);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::optional<Postmaster> FindPostmaster(const std::string& cluster_dir) {
  const std::vector<std::string> lines = ReadLines(cluster_dir);
  Postmaster found;
  if (lines.size() <= kSocketLine || !absl::SimpleAtoi(lines[kProcessLine], &found.pid) ||
      !IsAlive(found.pid) || !WorksIn(found.pid, cluster_dir)) {
    return std::nullopt;
  }
  found.socket_dir = lines[kSocketLine];
  found.ready = lines.size() > kStatusLine && lines[kStatusLine].starts_with("ready");
  return found;
}

}  // namespace auscult::server
