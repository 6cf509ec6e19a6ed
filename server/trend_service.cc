#include "server/trend_service.h"

#include <memory>

#include "server/names.h"
#include "server/store_errors.h"
#include "server/trend_calls.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 3;
constexpr size_t kWaitingCalls = 128;

}  // namespace

TrendService::TrendService(db::Pool* database, PlantDirectory* directory)
    : database_(database), directory_(directory), pool_(kThreads, kWaitingCalls) {}

grpc::ServerUnaryReactor* TrendService::QueryTrend(grpc::CallbackServerContext* context,
                                                   const v1::QueryTrendRequest* request,
                                                   v1::QueryTrendResponse* response) {
  auto point = std::make_shared<std::shared_ptr<const DirectoryEntry>>();
  return RunOnPool(
      pool_, *database_, context,
      [request, response, point](CallScope& scope) {
        return server::QueryTrend(scope, *request, point->get(), *response);
      },
      [this, request, point]() -> absl::Status {
        if (!IsPointName(request->name())) return absl::OkStatus();
        const absl::StatusOr<PointName> name = ParsePointName(request->name());
        if (!name.ok()) return name.status();
        auto entry = directory_->Find(request->name());
        if (absl::IsNotFound(entry.status())) {
          return UnknownResource(Resource::kPoint, request->name(), "name");
        }
        if (entry.ok()) *point = *std::move(entry);
        return entry.status();
      });
}

}  // namespace auscult::server
