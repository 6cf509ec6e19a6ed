#include "server/health_service.h"

#include <utility>

#include "server/baseline_calls.h"
#include "server/diagnose_calls.h"
#include "server/errors.h"
#include "server/explain_calls.h"
#include "server/health_calls.h"
#include "server/limit_calls.h"
#include "server/maintenance_calls.h"
#include "server/names.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 3;
constexpr size_t kWaitingCalls = 128;
// Waveforms of the largest size that may wait to be judged.
constexpr int64_t kWaitingWaveforms = 4;
constexpr std::chrono::milliseconds kRetryAfter{500};

// The point of a longer name.
absl::StatusOr<std::string> PointOf(const absl::StatusOr<PointName>& name) {
  if (!name.ok()) return name.status();
  return PointResource(*name);
}

grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

}  // namespace

HealthService::HealthService(const Config& config, const Gate* gate, db::Pool* database,
                             PlantDirectory* directory, db::BaselineCache* baselines,
                             const db::ActiveClassifier* classifier)
    : gate_(gate),
      database_(database),
      directory_(directory),
      baselines_(baselines),
      classifier_(classifier),
      budget_(kWaitingWaveforms * config.max_message_bytes),
      pool_(kThreads, kWaitingCalls) {}

HealthService::Reactor* HealthService::OnPoint(Context* context, Messages messages,
                                               absl::StatusOr<std::string> name, const char* field,
                                               PointHandler handler) {
  auto point = std::make_shared<std::shared_ptr<const DirectoryEntry>>();
  return RunOnPool(
      {pool_, *database_, *gate_, context, messages.request, messages.response},
      [this, point, handler = std::move(handler)](CallScope& call) {
        PointScope scope{
            .call = call, .point = **point, .baselines = *baselines_, .classifier = *classifier_};
        return handler(scope);
      },
      [this, point, name = std::move(name), field]() -> absl::Status {
        if (!name.ok()) return name.status();
        if (const auto parsed = ParsePointName(*name, field); !parsed.ok()) return parsed.status();
        auto entry = directory_->Find(*name);
        if (absl::IsNotFound(entry.status())) {
          return UnknownResource(Resource::kPoint, *name, field);
        }
        if (entry.ok()) *point = *std::move(entry);
        return entry.status();
      });
}

HealthService::Reactor* HealthService::GetAssetHealth(Context* context,
                                                      const v1::GetAssetHealthRequest* request,
                                                      v1::AssetHealthReport* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request, response](CallScope& scope) {
                     return server::GetAssetHealth(scope, *request, *response);
                   });
}

HealthService::Reactor* HealthService::ListAssetHealth(Context* context,
                                                       const v1::ListAssetHealthRequest* request,
                                                       v1::ListAssetHealthResponse* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request, response](CallScope& scope) {
                     return server::ListAssetHealth(scope, *request, *response);
                   });
}

HealthService::Reactor* HealthService::Diagnose(Context* context,
                                                const v1::DiagnoseRequest* request,
                                                v1::DiagnoseResponse* response) {
  auto held = std::make_shared<Reservation>();
  if (request->has_waveform() &&
      !budget_.TryReserve(static_cast<int64_t>(request->ByteSizeLong()), *held)) {
    return Refuse(context, Overloaded({.reason = "BUFFER_FULL",
                                       .message = "the server has no room for this waveform",
                                       .remedy = "send it again after the time given"},
                                      kRetryAfter));
  }
  const std::string& point =
      request->point().empty() ? request->waveform().point() : request->point();
  if (point.empty() && request->has_waveform()) {
    return RunOnPool({pool_, *database_, *gate_, context, request, response},
                     [this, request, response, held](CallScope&) {
                       return DiagnoseUnknownPoint(*classifier_, *request, *response);
                     });
  }
  return OnPoint(context, {request, response}, point, "point",
                 [request, response, held](PointScope& scope) {
                   return server::Diagnose(scope, *request, *response);
                 });
}

HealthService::Reactor* HealthService::Explain(Context* context, const v1::ExplainRequest* request,
                                               v1::ExplainResponse* response) {
  return OnPoint(context, {request, response}, request->point(), "point",
                 [request, response](PointScope& scope) {
                   return server::Explain(scope, *request, *response);
                 });
}

HealthService::Reactor* HealthService::RecordMaintenance(
    Context* context, const v1::RecordMaintenanceRequest* request, v1::Maintenance* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request, response](CallScope& scope) {
                     return server::RecordMaintenance(scope, *request, *response);
                   });
}

HealthService::Reactor* HealthService::ListMaintenance(Context* context,
                                                       const v1::ListMaintenanceRequest* request,
                                                       v1::ListMaintenanceResponse* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request, response](CallScope& scope) {
                     return server::ListMaintenance(scope, *request, *response);
                   });
}

HealthService::Reactor* HealthService::GetPointLimits(Context* context,
                                                      const v1::GetPointLimitsRequest* request,
                                                      v1::PointLimits* response) {
  return OnPoint(context, {request, response}, PointOf(ParseLimitsName(request->name())), "name",
                 [request, response](PointScope& scope) {
                   return server::GetPointLimits(scope, *request, *response);
                 });
}

HealthService::Reactor* HealthService::SetPointLimits(Context* context,
                                                      const v1::SetPointLimitsRequest* request,
                                                      v1::PointLimits* response) {
  return OnPoint(context, {request, response},
                 PointOf(ParseLimitsName(request->limits().name(), "limits.name")), "limits.name",
                 [this, request, response](PointScope& scope) {
                   const absl::Status status = server::SetPointLimits(scope, *request, *response);
                   // Also after a failure: a commit may have succeeded without our hearing of it.
                   directory_->Invalidate();
                   return status;
                 });
}

HealthService::Reactor* HealthService::ListBaselines(Context* context,
                                                     const v1::ListBaselinesRequest* request,
                                                     v1::ListBaselinesResponse* response) {
  return OnPoint(context, {request, response}, request->parent(), "parent",
                 [request, response](PointScope& scope) {
                   return server::ListBaselines(scope, *request, *response);
                 });
}

HealthService::Reactor* HealthService::Relearn(Context* context, const v1::RelearnRequest* request,
                                               v1::RelearnResponse* response) {
  return OnPoint(context, {request, response}, request->point(), "point",
                 [request, response](PointScope& scope) {
                   return server::Relearn(scope, *request, *response);
                 });
}

HealthService::Reactor* HealthService::ActivateBaseline(Context* context,
                                                        const v1::ActivateBaselineRequest* request,
                                                        v1::Baseline* response) {
  const absl::StatusOr<BaselineName> name = ParseBaselineName(request->name());
  return OnPoint(context, {request, response},
                 name.ok() ? absl::StatusOr<std::string>(PointResource(name->point))
                           : absl::StatusOr<std::string>(name.status()),
                 "name", [request, response](PointScope& scope) {
                   return server::ActivateBaseline(scope, *request, *response);
                 });
}

}  // namespace auscult::server
