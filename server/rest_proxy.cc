#include "server/rest_proxy.h"

#include <grpcpp/channel.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "auscult/v1/asset_service.grpc.pb.h"
#include "server/listen_address.h"
#include "server/log.h"
#include "server/port_security.h"
#include "server/rest/http_gateway.h"
#include "server/rest/http_listener.h"
#include "server/rest/http_metrics.h"
#include "server/rest/transcoder.h"
#include "server/rest/upstream_health.h"
#include "server/version.h"

namespace auscult::server {
namespace {

namespace fs = std::filesystem;

// As a JSON array of bytes in base64 the largest message takes a third more.
constexpr int64_t kBodyShare = 4, kBodyOf = 3, kBodySpare = 1 << 20;
constexpr int64_t kBodiesAtOnce = 2, kSmallestBodies = 64 << 20;
constexpr int kMostConnections = 10'000;
constexpr int kOthers = 8;           // that many addresses at least have to join to take all
constexpr int kThreads = 2;          // they wait for sockets; the work is done on gRPC's
constexpr rlim_t kOtherFiles = 256;  // of the database, of gRPC

// Requests to the log: those that failed as warnings, all others for who asks for them.
class AccessLog : public rest::HttpTraffic {
 public:
  explicit AccessLog(std::unique_ptr<rest::HttpTraffic> metrics) : metrics_(std::move(metrics)) {}
  void Opened() override { metrics_->Opened(); }
  void Closed() override { metrics_->Closed(); }
  void TurnedAway() override { metrics_->TurnedAway(); }
  void Finished(const rest::HttpAccess& access) override {
    metrics_->Finished(access);
    const double took_ms = std::chrono::duration<double, std::milli>(access.took).count();
    const LogFields fields = {{"method", access.method},
                              {"path", access.path},
                              {"route", access.route},
                              {"status", absl::StrCat(access.status)},
                              {"bytes_in", absl::StrCat(access.bytes_in)},
                              {"bytes_out", absl::StrCat(access.bytes_out)},
                              {"ms", absl::StrCat(took_ms)},
                              {"client", access.remote_host},
                              {"request_id", access.request_id},
                              {"agent", access.user_agent}};
    (access.status >= 500 ? LogWarning : LogDebug)("HTTP request", fields);
  }

 private:
  const std::unique_ptr<rest::HttpTraffic> metrics_;
};

// Of the files that the process may open, half, so that a flood of connections leaves enough for
// gRPC, which does not recover from having none. Raises the limit to what the system allows.
int ConnectionLimit() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_NOFILE, &files);
  const rlim_t free = files.rlim_cur > kOtherFiles ? files.rlim_cur - kOtherFiles : 2;
  return static_cast<int>(std::min<rlim_t>(free / 2, kMostConnections));
}

rest::HttpLimits LimitsOf(const Config& config, bool is_loopback) {
  rest::HttpLimits limits;
  limits.connections = ConnectionLimit();
  // Where all come from this machine, the address tells nobody from anybody.
  limits.connections_per_address = is_loopback ? limits.connections : limits.connections / kOthers;
  limits.body_bytes = config.max_message_bytes / kBodyOf * kBodyShare + kBodySpare;
  limits.all_bodies_bytes = std::max(kSmallestBodies, kBodiesAtOnce * limits.body_bytes);
  return limits;
}

// Beside the checkout that the program was built in, or where it is installed.
std::string DefaultWebDir() {
  std::error_code error;
  const fs::path bin = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const char* relative : {"../../../web/dist", "../share/auscult/web"}) {
    const fs::path folder = (bin / relative).lexically_normal();
    if (fs::is_regular_file(folder / "index.html", error)) return folder;
  }
  return (bin / "../share/auscult/web").lexically_normal();
}

absl::StatusOr<rest::OriginPolicy> PolicyOf(const Config& config) {
  std::vector<std::string> origins, hosts;
  absl::Status status = rest::ParseOrigins("cors_origins", config.cors_origins, origins);
  if (status.ok()) status = rest::ParseHosts("rest_hosts", config.rest_hosts, hosts);
  if (!status.ok()) return status;
  return rest::OriginPolicy(std::move(origins), std::move(hosts));
}

}  // namespace

struct RestProxy::Parts {
  ListenAddress address;
  Protection protection;
  std::shared_ptr<prometheus::Registry> http_metrics = std::make_shared<prometheus::Registry>();
  std::shared_ptr<prometheus::Collectable> metrics;
  std::string no_site;
  std::unique_ptr<rest::HttpListener> listener;

  rest::HttpGatewayOptions GatewayOptions(const Config& config,
                                          std::shared_ptr<grpc::Channel> upstream);
};

rest::HttpGatewayOptions RestProxy::Parts::GatewayOptions(const Config& config,
                                                          std::shared_ptr<grpc::Channel> upstream) {
  rest::HttpGatewayOptions gateway;
  gateway.version = kVersion;
  gateway.is_https = protection.tls;
  gateway.api = rest::MakeTranscoder(upstream);
  gateway.metrics = [http = http_metrics, others = metrics] {
    std::vector<prometheus::MetricFamily> families = others->Collect();
    std::ranges::move(http->Collect(), std::back_inserter(families));
    return prometheus::TextSerializer().Serialize(families);
  };
  gateway.ready = [upstream](std::function<void(std::string)> told) {
    rest::AskUpstreamHealth(upstream, v1::AssetService::service_full_name(), std::move(told));
  };
  const std::string folder = config.web_dir.empty() ? DefaultWebDir() : config.web_dir;
  auto site = rest::StaticSite::Read(folder);
  if (site.ok()) {
    gateway.site = std::make_shared<const rest::StaticSite>(*std::move(site));
  } else {
    no_site =
        absl::StrCat("no dashboard: ", std::string(site.status().message()), " (setting web_dir)");
    gateway.no_site = no_site;
  }
  return gateway;
}

RestProxy::RestProxy(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RestProxy::~RestProxy() = default;

absl::StatusOr<std::unique_ptr<RestProxy>> RestProxy::Start(
    const Config& config, std::shared_ptr<grpc::Channel> upstream,
    std::shared_ptr<const TlsWatch> certificates, const Protection& protection,
    std::shared_ptr<prometheus::Collectable> metrics) {
  auto address = ParseListenAddress("rest_listen", config.rest_listen);
  if (!address.ok()) return address.status();
  auto policy = PolicyOf(config);
  if (!policy.ok()) return policy.status();
  auto parts = std::make_unique<Parts>();
  parts->address = *std::move(address);
  parts->protection = protection;
  parts->metrics = std::move(metrics);
  rest::HttpListenerOptions options;
  options.host = parts->address.host;
  options.port = parts->address.port;
  options.threads = kThreads;
  options.limits = LimitsOf(config, parts->address.is_loopback());
  if (certificates != nullptr) {
    options.tls = [certificates] { return certificates->current()->http_context; };
  }
  auto listener = rest::HttpListener::Start(
      options,
      rest::MakeHttpGateway(parts->GatewayOptions(config, std::move(upstream)), *std::move(policy)),
      std::make_shared<AccessLog>(rest::MakeHttpMetrics(parts->http_metrics.get())));
  if (!listener.ok()) {
    const absl::Status taken = CheckFree("rest_listen", parts->address);
    return taken.ok() ? listener.status() : taken;
  }
  parts->listener = *std::move(listener);
  return std::unique_ptr<RestProxy>(new RestProxy(std::move(parts)));
}

int RestProxy::port() const { return parts_->listener->port(); }

std::string RestProxy::Description() const {
  const std::string url = absl::StrCat(parts_->protection.tls ? "https://" : "http://",
                                       parts_->address.Text(port()), "/");
  const std::string reach = Reach(parts_->address, parts_->protection);
  if (parts_->no_site.empty()) {
    return absl::StrCat("dashboard  ", url, " (", reach, "; REST API beside it, ", url, "docs/)\n");
  }
  return absl::StrCat("REST API   ", url, "v1/ (", reach, ")\n           ", parts_->no_site, "\n");
}

void RestProxy::Stop(std::chrono::milliseconds grace) { parts_->listener->Stop(grace); }

absl::Status CheckRestSettings(const Config& config) { return PolicyOf(config).status(); }

}  // namespace auscult::server
