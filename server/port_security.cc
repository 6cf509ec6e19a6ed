#include "server/port_security.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "auscult/v1/admin_service.grpc.pb.h"
#include "server/log.h"
#include "server/roles.h"
#include "server/tls/grpc_tls.h"

namespace auscult::server {
namespace {

constexpr char kSystem[] = "system";
constexpr std::chrono::seconds kUpstreamPatience{5};

std::string DayOf(std::chrono::system_clock::time_point time) {
  return absl::FormatTime("%Y-%m-%d", absl::FromChrono(time), absl::UTCTimeZone());
}

// Of the host and the port in "db.example:7070", as far as that is an address of this machine.
bool IsOnThisMachine(const std::string& target) {
  const auto address = ParseListenAddress("rest_upstream", target);
  return address.ok() && address->is_loopback();
}

absl::Status CheckUpstream(const Config& config) {
  if (config.rest_upstream.empty() || !config.rest_upstream_ca.empty() ||
      IsOnThisMachine(config.rest_upstream)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "rest_upstream: ", config.rest_upstream, " is another machine, and keys would go there ",
      "without TLS; set rest_upstream_ca to the CA of its certificate (or to system)"));
}

absl::StatusOr<bool> AsksForCredentials(const std::shared_ptr<grpc::Channel>& upstream) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kUpstreamPatience);
  context.set_wait_for_ready(true);
  v1::Caller caller;
  const grpc::Status status =
      v1::AdminService::NewStub(upstream)->GetCaller(&context, v1::GetCallerRequest(), &caller);
  const bool answered = status.error_code() != grpc::StatusCode::UNAVAILABLE &&
                        status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED;
  if (!answered) {
    return absl::UnavailableError(absl::StrCat(
        "the server that rest_upstream names does not answer: ", status.error_message(),
        "; start it first"));
  }
  return status.error_code() == grpc::StatusCode::UNAUTHENTICATED;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Dial(const Config& config,
                                                    const grpc::ChannelArguments& arguments) {
  if (config.rest_upstream_ca.empty()) {
    return grpc::CreateCustomChannel(config.rest_upstream, grpc::InsecureChannelCredentials(),
                                     arguments);
  }
  grpc::SslCredentialsOptions options;
  if (config.rest_upstream_ca != kSystem) {
    std::ifstream file(config.rest_upstream_ca, std::ios::binary);
    options.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
    if (!file || options.pem_root_certs.find("-----BEGIN") == std::string::npos) {
      return absl::FailedPreconditionError(
          absl::StrCat("rest_upstream_ca: ", config.rest_upstream_ca,
                       file ? " holds no certificate (PEM)" : " cannot be read"));
    }
  }
  return grpc::CreateCustomChannel(config.rest_upstream, grpc::SslCredentials(options), arguments);
}

absl::Status MayStandBefore(const std::shared_ptr<grpc::Channel>& upstream, const Config& config,
                            Protection& protection) {
  if (MayServe(config, false, true, {.tls = protection.tls}).ok()) return absl::OkStatus();
  const absl::StatusOr<bool> asks = AsksForCredentials(upstream);
  if (!asks.ok()) return asks.status();
  protection.authentication = *asks;
  return MayServe(config, false, true, protection);
}

}  // namespace

TlsFiles TlsFilesOf(const Config& config) {
  return {config.tls_cert, config.tls_key, config.tls_client_ca,
          config.tls_client_certs != "optional"};
}

absl::Status CheckPorts(const Config& config) {
  const TlsFiles files = TlsFilesOf(config);
  absl::Status status = CheckTlsSettings(files);
  if (status.ok()) status = CheckUpstream(config);
  if (status.ok()) {
    status = MayServe(config, true, true, {.tls = files.enabled(), .authentication = true});
  }
  return status;
}

absl::Status MayServe(const Config& config, bool grpc, bool rest, const Protection& protection) {
  struct Port {
    const char* setting;
    const std::string& text;
    bool is_used;
  };
  for (const Port& port :
       {Port{"listen", config.listen, grpc},
        Port{"rest_listen", config.rest_listen, rest && !config.rest_listen.empty()}}) {
    if (!port.is_used) continue;
    const auto address = ParseListenAddress(port.setting, port.text);
    if (!address.ok()) return address.status();
    const absl::Status may = MayListen(port.setting, *address, protection);
    if (!may.ok()) return may;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const TlsWatch>> WatchCertificates(const Config& config) {
  const TlsFiles files = TlsFilesOf(config);
  if (!files.enabled()) return nullptr;
  auto watch = TlsWatch::Start(
      files, {.renewed =
                  [](const TlsMaterial& fresh) {
                    LogInfo("new certificates are in force", {{"subject", fresh.subject}});
                  },
              .refused =
                  [](const absl::Status& problem) {
                    LogError("new certificates cannot be used; the old ones stay in force",
                             {{"problem", std::string(problem.message())}});
                  },
              .ends_soon =
                  [](const TlsMaterial& material) {
                    LogWarning(
                        "the certificate ends soon; put a new one in its place",
                        {{"subject", material.subject}, {"expires", DayOf(material.expires)}});
                  }});
  if (!watch.ok()) return watch.status();
  const auto material = (*watch)->current();
  LogInfo("TLS is on", {{"subject", material->subject}, {"expires", DayOf(material->expires)}});
  return std::shared_ptr<const TlsWatch>(*std::move(watch));
}

std::shared_ptr<grpc::ServerCredentials> PortCredentials(
    const std::shared_ptr<const TlsWatch>& watch) {
  return watch == nullptr ? grpc::InsecureServerCredentials() : GrpcTlsCredentials(watch);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> UpstreamChannel(const Config& config,
                                                               grpc::Server* own,
                                                               Protection& protection) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);  // answers are bounded by who makes them
  if (config.rest_upstream.empty()) return own->InProcessChannel(arguments);
  auto upstream = Dial(config, arguments);
  if (!upstream.ok()) return upstream;
  const absl::Status may = MayStandBefore(*upstream, config, protection);
  if (!may.ok()) return may;
  return upstream;
}

std::string Reach(const ListenAddress& address, const Protection& protection) {
  std::string text = address.is_loopback() ? "from this machine only" : "from other machines too";
  absl::StrAppend(&text, protection.tls ? ", TLS" : ", no TLS");
  if (!protection.authentication) absl::StrAppend(&text, ", everybody may do everything");
  return text;
}

}  // namespace auscult::server
