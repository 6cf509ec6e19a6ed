#include "tests/faults/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace auscult::faults {
namespace {

constexpr int kPollMs = 10;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// With a reset rather than an orderly end.
void Reset(int socket) {
  const linger at_once{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
}

bool SendAll(int socket, const char* bytes, ssize_t size) {
  while (size > 0) {
    const ssize_t sent = send(socket, bytes, static_cast<size_t>(size), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= sent;
  }
  return true;
}

}  // namespace

struct TcpProxy::Connection {
  int client = -1, server = -1;
};

TcpProxy::TcpProxy(std::function<int()> target)
    : target_(std::move(target)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("TcpProxy");
    std::_Exit(1);
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { Accept(); });
}

TcpProxy::~TcpProxy() {
  closing_ = true;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  relays_.clear();
}

void TcpProxy::Accept() {
  for (int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC); client >= 0;
       client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) {
    relays_.emplace_back([this, client] { Relay(client); });
  }
}

void TcpProxy::Relay(int client) {
  Connection connection{client, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int generation = generation_;
  const int port = target_();
  const sockaddr_in address = Loopback(port);
  bool open = port != 0 && connect(connection.server, reinterpret_cast<const sockaddr*>(&address),
                                   sizeof address) == 0;
  while (open && !closing_ && generation == generation_) {
    if (stalls_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
      continue;
    }
    pollfd ends[] = {{connection.client, POLLIN, 0}, {connection.server, POLLIN, 0}};
    if (poll(ends, 2, kPollMs) <= 0) continue;
    if (ends[0].revents != 0) open = Pass(connection, true);
    if (open && ends[1].revents != 0) open = Pass(connection, false);
  }
  Reset(connection.client);
  Reset(connection.server);
}

bool TcpProxy::Pass(Connection& connection, bool from_client) {
  const int from = from_client ? connection.client : connection.server;
  const int to = from_client ? connection.server : connection.client;
  char bytes[16384];
  const int64_t pace = bytes_per_s_;
  const size_t most = pace == 0 ? sizeof bytes : static_cast<size_t>(pace / 50 + 1);
  const ssize_t size = recv(from, bytes, std::min(most, sizeof bytes), 0);
  if (size <= 0) return false;
  const bool cuts = Cuts(from_client, size);
  if (cuts) ++cuts_;
  if (cuts && !from_client) return false;
  std::this_thread::sleep_for(delay_.load());
  if (pace > 0) {
    std::this_thread::sleep_for(
        std::chrono::duration<double>(static_cast<double>(size) / static_cast<double>(pace)));
  }
  return SendAll(to, bytes, size) && !cuts;
}

bool TcpProxy::Cuts(bool from_client, int64_t size) {
  if (!from_client) return cuts_answer_.exchange(false);
  if (bytes_left_ < 0) return false;
  const int64_t left = bytes_left_.fetch_sub(size) - size;
  return left < 0 && left + size >= 0;
}

}  // namespace auscult::faults
