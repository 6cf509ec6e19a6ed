#include "server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/active_classifier.h"
#include "db/baseline_cache.h"
#include "db/postgres.h"
#include "server/access/access_control.h"
#include "server/admin_service.h"
#include "server/alarm_service.h"
#include "server/asset_service.h"
#include "server/conninfo.h"
#include "server/database_start.h"
#include "server/embedded_postgres.h"
#include "server/group_commit.h"
#include "server/health_service.h"
#include "server/ingest_service.h"
#include "server/listen_address.h"
#include "server/log.h"
#include "server/maintenance.h"
#include "server/model_calls.h"
#include "server/model_comparison.h"
#include "server/model_service.h"
#include "server/model_training.h"
#include "server/names.h"
#include "server/operation_runner.h"
#include "server/operations_service.h"
#include "server/plant_directory.h"
#include "server/port_security.h"
#include "server/quota_calls.h"
#include "server/rescore_jobs.h"
#include "server/rescore_service.h"
#include "server/rest_proxy.h"
#include "server/role_refusal.h"
#include "server/roles.h"
#include "server/roller.h"
#include "server/scoring_pipeline.h"
#include "server/server_metrics.h"
#include "server/tenants.h"
#include "server/transport_quota.h"
#include "server/trend_service.h"
#include "server/upkeep.h"
#include "server/version.h"

namespace auscult::server {
namespace {

constexpr size_t kDirectoryEntries = 100'000;
constexpr int kStreamsPerConnection = 256;
constexpr int kKeepaliveMs = 60'000, kKeepaliveTimeoutMs = 20'000, kShortestPingMs = 5'000;

// By full name, with the role that serves it.
struct ServedBy {
  const char* service;
  const char* role;
};
constexpr char kIngest[] = "ingest", kApi[] = "api";
const ServedBy kServices[] = {{v1::AdminService::service_full_name(), kApi},
                              {v1::AlarmService::service_full_name(), kApi},
                              {v1::AssetService::service_full_name(), kApi},
                              {v1::HealthService::service_full_name(), kApi},
                              {v1::IngestService::service_full_name(), kIngest},
                              {v1::TrendService::service_full_name(), kApi},
                              {v1::ModelService::service_full_name(), kApi},
                              {v1::RescoreService::service_full_name(), kApi},
                              {google::longrunning::Operations::service_full_name(), kApi}};

bool Serves(const Roles& roles, const ServedBy& service) {
  return service.role == kIngest ? roles.ingest : roles.api;
}

// What new records are judged by, for people.
std::string Judge(const db::ActiveClassifier& classifier) {
  const int wanted = classifier.wanted_version();
  const std::string name = ModelVersionResource(kDiagnosisModel, wanted);
  const std::string problem = classifier.problem();
  if (!problem.empty()) {
    return absl::StrCat("the physics alone, for ", name, " cannot be used: ", problem);
  }
  return wanted == 0 ? "the physics (no learnt model is active)" : absl::StrCat(name);
}

}  // namespace

// In the order in which they are made; destroyed in the reverse.
struct Server::Parts {
  Config config;
  Roles roles;
  ListenAddress address;
  Protection protection;
  std::shared_ptr<const TlsWatch> certificates;  // null without TLS
  std::unique_ptr<EmbeddedPostgres> embedded;    // null with an external database
  std::unique_ptr<db::Pool> pool;
  std::unique_ptr<db::BaselineCache> baselines;
  db::ActiveClassifier classifier;
  std::unique_ptr<Tenants> tenants;
  std::unique_ptr<AccessControl> access;
  std::unique_ptr<PlantDirectory> directory;
  std::unique_ptr<GroupCommit> commit;
  std::unique_ptr<ScoringPipeline> pipeline;
  // Of the roles it has; the others stay null.
  std::unique_ptr<AdminService> admin;
  std::unique_ptr<AlarmService> alarms;
  std::unique_ptr<AssetService> assets;
  std::unique_ptr<IngestService> ingest;
  std::unique_ptr<TrendService> trends;
  std::unique_ptr<HealthService> health;
  std::unique_ptr<OperationRunner> runner;
  std::unique_ptr<ModelService> models;
  std::unique_ptr<RescoreJobs> rescore_jobs;
  std::unique_ptr<RescoreService> rescores;
  std::unique_ptr<OperationsService> operations;
  std::unique_ptr<RoleRefusal> refusal;
  std::shared_ptr<grpc::ServerCredentials> credentials;
  std::unique_ptr<TransportQuota> quota;
  std::unique_ptr<grpc::Server> grpc;  // null with the role rest alone
  std::unique_ptr<RestProxy> rest;
  std::unique_ptr<Maintenance> maintenance;
  std::unique_ptr<Upkeep> upkeep;
  std::unique_ptr<Roller> roller;
  int port = 0;

  std::string Conninfo() const { return embedded ? embedded->conninfo() : config.database; }
  absl::Status OpenDatabase();
  absl::Status Guard();
  void MakeServices();
  void MakeIngest();
  void MakeApi();
  absl::Status LoadFirst();
  absl::Status Listen();
  absl::Status ServeGrpc();
  absl::Status ServeRest();
  void ServeHealth();
};

absl::Status Server::Parts::OpenDatabase() {
  if (config.database.empty()) {
    auto started =
        EmbeddedPostgres::Start({config.data_dir, config.postgres_bin_dir, config.service_user});
    if (!started.ok()) return started.status();
    embedded = *std::move(started);
  }
  return PrepareDatabase(config, Conninfo());
}

// Callers have to say who they are where there is a way to.
absl::Status Server::Parts::Guard() {
  protection.authentication = access->credentials_wanted();
  return MayServe(config, true, roles.rest && config.rest_upstream.empty(), protection);
}

void Server::Parts::MakeServices() {
  tenants = std::make_unique<Tenants>(config.ingest_buffer_bytes - TransportBytes(config));
  access = std::make_unique<AccessControl>(config, tenants.get());
  pool = std::make_unique<db::Pool>(Conninfo(), config.database_connections);
  baselines =
      std::make_unique<db::BaselineCache>(static_cast<size_t>(config.baseline_cache_entries));
  directory = std::make_unique<PlantDirectory>(pool.get(), kDirectoryEntries);
  if (roles.jobs) {
    runner = std::make_unique<OperationRunner>(
        Conninfo(), std::map<std::string, OperationRunner::Handler>{
                        {kTrainKind, TrainingHandler(directory.get(), &classifier)},
                        {kCompareKind, ComparisonHandler(directory.get())}});
    rescore_jobs = std::make_unique<RescoreJobs>(
        Conninfo(), directory.get(), baselines.get(),
        RescoreTiming{.lease = std::chrono::seconds(config.job_lease_s),
                      .share_beside_live = config.job_share_percent / 100.0,
                      .lowers_backends = embedded != nullptr},
        &tenants->budget());
    rescore_jobs->Start(config.job_threads);
  }
  if (roles.ingest) MakeIngest();
  if (roles.api) MakeApi();
  std::map<std::string, std::string> elsewhere;
  for (const ServedBy& service : kServices) {
    if (!Serves(roles, service)) elsewhere[service.service] = service.role;
  }
  if (!elsewhere.empty()) refusal = std::make_unique<RoleRefusal>(std::move(elsewhere));
}

void Server::Parts::MakeIngest() {
  commit = std::make_unique<GroupCommit>(config, Conninfo(), baselines.get(), &classifier);
  pipeline = std::make_unique<ScoringPipeline>(config, directory.get(), commit.get());
  ingest = std::make_unique<IngestService>(config, &access->gate(), pipeline.get(), pool.get(),
                                           tenants.get());
}

void Server::Parts::MakeApi() {
  admin = std::make_unique<AdminService>(&access->gate(), &access->keys(), pool.get(),
                                         embedded ? embedded->data_dir() : "", tenants.get());
  alarms = std::make_unique<AlarmService>(&access->gate(), pool.get());
  assets = std::make_unique<AssetService>(&access->gate(), pool.get(), directory.get());
  trends = std::make_unique<TrendService>(&access->gate(), pool.get(), directory.get());
  health = std::make_unique<HealthService>(config, &access->gate(), pool.get(), directory.get(),
                                           baselines.get(), &classifier);
  models = std::make_unique<ModelService>(&access->gate(), pool.get(), &classifier, runner.get());
  rescores = std::make_unique<RescoreService>(&access->gate(), pool.get(), rescore_jobs.get());
  operations = std::make_unique<OperationsService>(&access->gate(), pool.get());
}

// So that the first record already is judged by what is active, and the first caller by the keys
// and quotas there are.
absl::Status Server::Parts::LoadFirst() {
  absl::StatusOr<db::Pool::Lease> lease = pool->Acquire();
  if (!lease.ok()) return lease.status();
  RefreshClassifier(classifier, **lease);
  RefreshQuotas(*tenants, **lease);
  return access->Refresh(**lease);
}

absl::Status Server::Parts::Listen() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  quota = std::make_unique<TransportQuota>(config);
  grpc::ServerBuilder builder;
  builder.SetResourceQuota(quota->quota());
  builder.SetMaxReceiveMessageSize(static_cast<int>(config.max_message_bytes));
  // Two servers on one port would share the calls between them, and no one would notice.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnection);
  // A client that vanished without a word is noticed, and one that pings is not scolded.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             kShortestPingMs);
  // Reflection alone is served by threads.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  credentials = PortCredentials(certificates);
  builder.AddListeningPort(address.Text(address.port), credentials, &port);
  for (grpc::Service* service : std::initializer_list<grpc::Service*>{
           admin.get(), alarms.get(), assets.get(), ingest.get(), trends.get(), health.get(),
           models.get(), rescores.get(), operations.get()}) {
    if (service != nullptr) builder.RegisterService(service);
  }
  if (refusal != nullptr) builder.RegisterCallbackGenericService(refusal.get());
  grpc = builder.BuildAndStart();
  if (grpc != nullptr && port != 0) return absl::OkStatus();
  if (absl::Status status = CheckFree("listen", address); !status.ok()) return status;
  return absl::InternalError(absl::StrCat("gRPC could not listen on ", config.listen));
}

// The whole server ("") is healthy while it takes calls; a service of its roles, while its database
// answers.
void Server::Parts::ServeHealth() {
  const auto tell = [this](bool answers) {
    for (const ServedBy& service : kServices) {
      grpc->GetHealthCheckService()->SetServingStatus(service.service,
                                                      answers && Serves(roles, service));
    }
  };
  grpc->GetHealthCheckService()->SetServingStatus("", true);
  tell(true);
  maintenance = std::make_unique<Maintenance>(
      Maintenance::Duties{embedded.get(), Conninfo(), tell, [this](db::Connection& connection) {
                            // A failure is the database's, which is said elsewhere.
                            access->Refresh(connection).IgnoreError();
                            RefreshClassifier(classifier, connection);
                            RefreshQuotas(*tenants, connection);
                            quota->FollowConnections();
                          }});
  if (roles.jobs) upkeep = std::make_unique<Upkeep>(Conninfo(), config.raw_recent_s);
  if (roles.jobs) roller = std::make_unique<Roller>(Conninfo());
}

absl::Status Server::Parts::ServeGrpc() {
  // Before the database is started, which takes longer.
  absl::StatusOr<ListenAddress> free = FreeAddress("listen", config.listen);
  if (!free.ok()) return free.status();
  address = *std::move(free);
  if (roles.rest && !config.rest_listen.empty()) {
    free = FreeAddress("rest_listen", config.rest_listen);
    if (!free.ok()) return free.status();
  }
  absl::Status status = OpenDatabase();
  if (!status.ok()) return status;
  MakeServices();
  status = LoadFirst();
  if (status.ok()) status = Guard();
  if (status.ok()) status = Listen();
  if (status.ok()) ServeHealth();
  return status;
}

absl::Status Server::Parts::ServeRest() {
  auto upstream = UpstreamChannel(config, grpc.get(), protection);
  if (!upstream.ok()) return upstream.status();
  auto started = RestProxy::Start(config, *std::move(upstream), certificates, protection,
                                  std::make_shared<ServerMetrics>(ServerMetrics::Parts{
                                      pipeline.get(), commit.get(), tenants.get(), runner.get(),
                                      rescore_jobs.get(), certificates.get()}));
  if (!started.ok()) return started.status();
  rest = *std::move(started);
  return absl::OkStatus();
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() { Shutdown(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config) {
  auto parts = std::make_unique<Parts>();
  parts->config = config;
  const absl::StatusOr<Roles> roles = ParseRoles(config.roles);
  if (!roles.ok()) return roles.status();
  parts->roles = *roles;
  auto certificates = WatchCertificates(config);
  if (!certificates.ok()) return certificates.status();
  parts->certificates = *std::move(certificates);
  parts->protection.tls = parts->certificates != nullptr;
  absl::Status status = CheckPorts(config);
  if (!status.ok()) return status;
  if (roles->serves_grpc()) status = parts->ServeGrpc();
  if (status.ok() && roles->rest && !config.rest_listen.empty()) status = parts->ServeRest();
  std::unique_ptr<Server> server(new Server(std::move(parts)));
  if (!status.ok()) return status;
  return server;
}

int Server::port() const { return parts_->port; }
int Server::rest_port() const { return parts_->rest == nullptr ? 0 : parts_->rest->port(); }

std::string Server::Description() const {
  const Parts& parts = *parts_;
  const std::string http = parts.rest == nullptr ? "" : parts.rest->Description();
  if (parts.grpc == nullptr) {
    return absl::StrCat("auscultd ", kVersion, "\n", http, "asks       ",
                        parts.config.rest_upstream, " (gRPC)\n");
  }
  const std::string store = parts.embedded
                                ? absl::StrCat(parts.embedded->data_dir(), " (its own PostgreSQL ",
                                               parts.embedded->major_version(), ")")
                                : WithoutPassword(parts.config.database);
  return absl::StrCat("auscultd ", kVersion, "\n", "listens on ", parts.address.Text(parts.port),
                      " (gRPC; ", Reach(parts.address, parts.protection), ")\n", http,
                      "stores in  ", store, "\n", "serves     ", parts.config.roles, "\n",
                      "judges by  ", Judge(parts.classifier), "\n");
}

void Server::Shutdown() {
  Parts& parts = *parts_;
  const std::chrono::seconds grace(parts.config.shutdown_grace_s);
  const auto deadline = std::chrono::system_clock::now() + grace;
  if (parts.grpc == nullptr) {
    if (parts.rest) parts.rest->Stop(grace);
    parts.rest.reset();
    return;
  }
  parts.grpc->GetHealthCheckService()->Shutdown();
  if (parts.ingest) parts.ingest->StopStreams();
  if (parts.alarms) parts.alarms->StopStreams();
  if (parts.trends) parts.trends->StopStreams();
  if (parts.runner) parts.runner->AskToStop();
  if (parts.rescore_jobs) parts.rescore_jobs->AskToStop();
  if (parts.operations) parts.operations->StopWaiting();
  if (parts.rest) parts.rest->Stop(grace);
  parts.rest.reset();
  parts.grpc->Shutdown(deadline);
  parts.grpc->Wait();
  if (parts.pipeline) parts.pipeline->Drain();
  if (parts.commit) parts.commit->Drain();
  parts.upkeep.reset();
  parts.roller.reset();
  parts.maintenance.reset();
  parts.grpc.reset();
  parts.health.reset();
  parts.operations.reset();
  parts.rescores.reset();
  parts.rescore_jobs.reset();
  parts.models.reset();
  parts.runner.reset();
  parts.trends.reset();
  parts.ingest.reset();
  parts.assets.reset();
  parts.alarms.reset();
  parts.admin.reset();
  parts.pipeline.reset();
  parts.commit.reset();
  parts.directory.reset();
  parts.pool.reset();
  if (parts.embedded == nullptr) return;
  if (absl::Status status = parts.embedded->Stop(); !status.ok()) {
    LogError(std::string(status.message()));
  }
}

}  // namespace auscult::server
