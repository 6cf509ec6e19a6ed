#include "cli/server_security.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/file_bytes.h"

namespace auscult::cli {
namespace {

constexpr int64_t kLargestPem = 1 << 20;

bool SpeaksTls(const ServerOptions& server) {
  return server.tls || !server.ca.empty() || !server.cert.empty();
}

// Of "localhost:7070", "127.0.0.1:7070", "[::1]:7070" and Unix sockets.
bool IsOnThisMachine(const std::string& address) {
  if (address.starts_with("unix:")) return true;
  std::string host = address.substr(0, address.rfind(':'));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host == "localhost") return true;
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

absl::Status CheckPem(const char* option, const std::string& path) {
  if (path.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> text = ReadFileBytes(path, kLargestPem);
  if (!text.ok()) return WrongUse(absl::StrCat(option, ": ", std::string(text.status().message())));
  if (absl::StrContains(*text, "-----BEGIN")) return absl::OkStatus();
  return WrongUse(absl::StrCat(option, ": ", path, " is no PEM file (-----BEGIN ...)"));
}

}  // namespace

absl::Status CheckServerOptions(const ServerOptions& server) {
  if (server.cert.empty() != server.cert_key.empty()) {
    return WrongUse("--cert and --cert-key go together: a certificate and its private key");
  }
  absl::Status status = CheckPem("--ca", server.ca);
  status.Update(CheckPem("--cert", server.cert));
  status.Update(CheckPem("--cert-key", server.cert_key));
  if (!status.ok()) return status;
  struct stat key {};
  if (!server.cert_key.empty() && stat(server.cert_key.c_str(), &key) == 0 &&
      (key.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return WrongUse(absl::StrCat("--cert-key: ", server.cert_key,
                                 " can be read by others; chmod 600 ", server.cert_key));
  }
  if (SpeaksTls(server) || server.insecure || IsOnThisMachine(server.address)) {
    return absl::OkStatus();
  }
  return WrongUse(absl::StrCat(
      server.address, " is another machine: whatever is sent there can be read and changed on the ",
      "way; say --tls (or --ca FILE), or --insecure where the network is trusted"));
}

std::shared_ptr<grpc::ChannelCredentials> ServerCredentials(const ServerOptions& server) {
  if (!SpeaksTls(server)) return grpc::InsecureChannelCredentials();
  const auto text = [](const std::string& path) {
    return path.empty() ? std::string() : ReadFileBytes(path, kLargestPem).value_or("");
  };
  return grpc::SslCredentials({text(server.ca), text(server.cert_key), text(server.cert)});
}

std::string WhyUnreachable(const std::string& said, const ServerOptions& server) {
  const std::string words = absl::AsciiStrToLower(said);
  if (!SpeaksTls(server)) {
    const bool hung_up =
        absl::StrContains(words, "closed") || absl::StrContains(words, "reset by peer");
    return hung_up ? "it hung up; if it speaks TLS, say --tls or --ca FILE"
                   : "is auscultd running?";
  }
  if (absl::StrContains(words, "certificate verify failed")) {
    return "its certificate is not signed by anybody known here; name who does with --ca FILE";
  }
  if (absl::StrContains(words, "hostname verification check failed") ||
      absl::StrContains(words, "not in peer certificate")) {
    return "its certificate is for another name; call it by that name";
  }
  if (absl::StrContains(words, "wrong version number")) return "it does not speak TLS";
  return "is auscultd running, and with TLS? does it want a certificate (--cert)?";
}

}  // namespace auscult::cli
