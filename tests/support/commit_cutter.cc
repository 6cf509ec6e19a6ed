#include "tests/support/commit_cutter.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace auscult::support {
namespace {

constexpr char kSocketName[] = "/.s.PGSQL.5432";

sockaddr_un AddressOf(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder + kSocketName).c_str(), sizeof address.sun_path - 1);
  return address;
}

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::_Exit(1);
}

// False at the end of the stream.
bool Receive(int socket, std::string& bytes) {
  char buffer[65536];
  const ssize_t size = recv(socket, buffer, sizeof buffer, 0);
  if (size <= 0) return false;
  bytes.assign(buffer, static_cast<size_t>(size));
  return true;
}

bool Send(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return true;
}

}  // namespace

CommitCutter::CommitCutter(const PostgresCluster& cluster) : cluster_dir_(cluster.socket_dir()) {
  char folder[] = "/tmp/auscult-cut-XXXXXX";
  if (mkdtemp(folder) == nullptr) Die("mkdtemp");
  folder_ = folder;
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(folder_);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(listener_, 16) != 0) {
    Die("listen");
  }
  acceptor_ = std::jthread([this] { Accept(); });
}

CommitCutter::~CommitCutter() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  relays_.clear();
  std::filesystem::remove_all(folder_);
}

std::string CommitCutter::Through(const std::string& conninfo) const {
  return conninfo + " host=" + folder_;  // the last one counts
}

void CommitCutter::Accept() {
  for (int program = accept(listener_, nullptr, nullptr); program >= 0;
       program = accept(listener_, nullptr, nullptr)) {
    relays_.emplace_back([this, program] { Relay(program); });
  }
}

void CommitCutter::Relay(int program) {
  const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(cluster_dir_);
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  std::string bytes;
  while (open) {
    pollfd ends[] = {{program, POLLIN, 0}, {server, POLLIN, 0}};
    poll(ends, 2, -1);
    if (ends[0].revents != 0) {
      open = Receive(program, bytes);
      const bool commit = open && bytes.find(std::string_view("COMMIT\0", 7)) != std::string::npos;
      const Cut cut = commit ? armed_.exchange(Cut::kNone) : Cut::kNone;
      if (cut != Cut::kNone) ++cuts_;
      if (open && cut != Cut::kBefore) open = Send(server, bytes);
      // The answer proves that PostgreSQL has committed.
      if (cut == Cut::kAfter) Receive(server, bytes);
      if (cut != Cut::kNone) open = false;
    } else if (ends[1].revents != 0) {
      open = Receive(server, bytes) && Send(program, bytes);
    }
  }
  close(program);
  close(server);
}

}  // namespace auscult::support
