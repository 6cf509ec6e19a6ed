#include "server/rest_proxy.h"

#include <grpcpp/channel.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/listen_address.h"
#include "server/log.h"
#include "server/rest/http_gateway.h"
#include "server/rest/http_listener.h"
#include "server/rest/transcoder.h"
#include "server/version.h"

namespace auscult::server {
namespace {

class AccessLog : public rest::HttpTraffic {
 public:
  void Opened() override {}
  void Closed() override {}
  void TurnedAway() override {}
  void Finished(const rest::HttpAccess& access) override {
    const double took_ms = std::chrono::duration<double, std::milli>(access.took).count();
    LogDebug("request", {{"method", access.method},
                         {"path", access.path},
                         {"route", access.route},
                         {"status", absl::StrCat(access.status)},
                         {"bytes_in", absl::StrCat(access.bytes_in)},
                         {"bytes_out", absl::StrCat(access.bytes_out)},
                         {"ms", absl::StrCat(took_ms)},
                         {"client", access.remote_host},
                         {"request_id", access.request_id},
                         {"agent", access.user_agent}});
  }
};

}  // namespace

struct RestProxy::Parts {
  ListenAddress address;
  std::shared_ptr<grpc::Channel> upstream;
  std::unique_ptr<rest::HttpListener> listener;
};

RestProxy::RestProxy(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RestProxy::~RestProxy() = default;

absl::StatusOr<std::unique_ptr<RestProxy>> RestProxy::Start(
    const Config& config, std::shared_ptr<grpc::Channel> upstream) {
  auto address = ParseListenAddress("rest_listen", config.rest_listen);
  if (!address.ok()) return address.status();
  auto parts = std::make_unique<Parts>();
  parts->address = *std::move(address);
  parts->upstream = std::move(upstream);
  rest::HttpGatewayOptions gateway;
  gateway.version = kVersion;
  gateway.api = rest::MakeTranscoder(parts->upstream);
  rest::HttpListenerOptions options;
  options.host = parts->address.host;
  options.port = parts->address.port;
  auto listener = rest::HttpListener::Start(options, rest::MakeHttpGateway(std::move(gateway)),
                                            std::make_shared<AccessLog>());
  if (!listener.ok()) {
    const absl::Status taken = CheckFree("rest_listen", parts->address);
    return taken.ok() ? listener.status() : taken;
  }
  parts->listener = *std::move(listener);
  return std::unique_ptr<RestProxy>(new RestProxy(std::move(parts)));
}

int RestProxy::port() const { return parts_->listener->port(); }
std::string RestProxy::Url() const {
  return absl::StrCat("http://", parts_->address.Text(port()), "/");
}

void RestProxy::Stop(std::chrono::milliseconds grace) { parts_->listener->Stop(grace); }

}  // namespace auscult::server
