#include "server/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace auscult::server {
namespace {

absl::Status Malformed(const std::string& setting, const std::string& text) {
  return absl::InvalidArgumentError(absl::StrCat(
      setting, ": \"", text, "\" is not an address with a port; write 127.0.0.1:7070, ",
      "localhost:7070 or [::1]:7070"));
}

bool IsNumeric(const std::string& host) {
  in6_addr any{};
  return inet_pton(AF_INET, host.c_str(), &any) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

}  // namespace

bool ListenAddress::is_loopback() const {
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string ListenAddress::Text(int bound_port) const {
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? absl::StrCat("[", host, "]:", bound_port) : absl::StrCat(host, ":", bound_port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(const std::string& setting,
                                                 const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return Malformed(setting, text);
  ListenAddress address;
  std::string host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find(':') != std::string::npos) return Malformed(setting, text);
  if (!absl::SimpleAtoi(text.substr(colon + 1), &address.port) || address.port < 0 ||
      address.port > 65535) {
    return Malformed(setting, text);
  }
  address.host = host == "localhost" ? "127.0.0.1" : host.empty() || host == "*" ? "0.0.0.0" : host;
  if (!IsNumeric(address.host)) {
    return absl::InvalidArgumentError(
        absl::StrCat(setting, ": \"", host, "\" is not an IP address; write 127.0.0.1 or [::1]"));
  }
  return address;
}

absl::Status MayListen(const std::string& setting, const ListenAddress& address,
                       const Protection& protection) {
  if (address.is_loopback() || (protection.tls && protection.authentication)) {
    return absl::OkStatus();
  }
  const std::string where =
      absl::StrCat(setting, ": ", address.Text(address.port), " can be reached by other machines");
  if (!protection.tls) {
    return absl::FailedPreconditionError(
        absl::StrCat(where, ", and there is no TLS; set tls_cert and tls_key, or listen on ",
                     "127.0.0.1 and let a proxy that does TLS stand in front of it"));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      where, ", and nobody is asked who he is; start on 127.0.0.1 and make a key first ",
      "(auscult keys create), or let client certificates or tokens of an issuer say it"));
}

absl::StatusOr<ListenAddress> FreeAddress(const std::string& setting, const std::string& text) {
  absl::StatusOr<ListenAddress> address = ParseListenAddress(setting, text);
  if (!address.ok()) return address;
  const absl::Status status = CheckFree(setting, *address);
  if (!status.ok()) return status;
  return address;
}

absl::Status CheckFree(const std::string& setting, const ListenAddress& address) {
  sockaddr_storage storage{};
  socklen_t length = 0;
  if (address.host.find(':') == std::string::npos) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(address.port));
    inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr);
    length = sizeof(sockaddr_in);
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<uint16_t>(address.port));
    inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr);
    length = sizeof(sockaddr_in6);
  }
  const int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // As gRPC does: connections of a server that has just stopped do not count.
  const int on = 1;
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const bool free =
      fd >= 0 && bind(fd, reinterpret_cast<sockaddr*>(&storage), length) == 0 && listen(fd, 1) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (free) return absl::OkStatus();
  const std::string where = address.Text(address.port);
  if (error == EADDRINUSE) {
    return absl::FailedPreconditionError(absl::StrCat(
        setting, ": ", where, " is taken by another program; stop it (`ss -ltnp` shows ",
        "which) or choose another port; --", absl::StrReplaceAll(setting, {{"_", "-"}}), " ",
        address.Text(0), " takes a free one"));
  }
  if (error == EACCES) {
    return absl::FailedPreconditionError(absl::StrCat(setting, ": this user may not listen on ",
                                                      where, "; choose a port from 1024 on"));
  }
  return absl::FailedPreconditionError(
      absl::StrCat(setting, ": cannot listen on ", where, ": ", std::strerror(error)));
}

}  // namespace auscult::server
