#include "server/trend_service.h"

#include "server/trend_calls.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 3;
constexpr size_t kWaitingCalls = 128;

}  // namespace

TrendService::TrendService(db::Pool* database, PlantDirectory* directory, WatchPace pace)
    : database_(database),
      directory_(directory),
      pool_(kThreads, kWaitingCalls),
      watch_(database, pace) {}

grpc::ServerWriteReactor<v1::WatchTrendResponse>* TrendService::WatchTrend(
    grpc::CallbackServerContext*, const v1::WatchTrendRequest* request) {
  return watch_.Watch(*request);
}

grpc::ServerUnaryReactor* TrendService::QueryTrend(grpc::CallbackServerContext* context,
                                                   const v1::QueryTrendRequest* request,
                                                   v1::QueryTrendResponse* response) {
  return RunOnPool(pool_, *database_, context, [request, response](CallScope& scope) {
    return server::QueryTrend(scope, *request, *response);
  });
}

}  // namespace auscult::server
