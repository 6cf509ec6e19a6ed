#include "server/rescore_service.h"

#include "server/rescore_calls.h"
#include "server/stale_calls.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 2;
constexpr size_t kWaitingCalls = 64;

}  // namespace

RescoreService::RescoreService(db::Pool* database, RescoreJobs* jobs)
    : database_(database), jobs_(jobs), pool_(kThreads, kWaitingCalls) {}

RescoreService::Reactor* RescoreService::StartRescore(Context* context,
                                                      const v1::StartRescoreRequest* request,
                                                      google::longrunning::Operation* response) {
  return RunOnPool(pool_, *database_, context, [this, request, response](CallScope& scope) {
    absl::Status status = server::StartRescore(scope, *request, *response);
    WakeJobs();
    return status;
  });
}

RescoreService::Reactor* RescoreService::GetRescore(Context* context,
                                                    const v1::GetRescoreRequest* request,
                                                    v1::Rescore* response) {
  return RunOnPool(pool_, *database_, context, [request, response](CallScope& scope) {
    return server::GetRescore(scope, *request, *response);
  });
}

RescoreService::Reactor* RescoreService::ListRescores(Context* context,
                                                      const v1::ListRescoresRequest* request,
                                                      v1::ListRescoresResponse* response) {
  return RunOnPool(pool_, *database_, context, [request, response](CallScope& scope) {
    return server::ListRescores(scope, *request, *response);
  });
}

RescoreService::Reactor* RescoreService::PauseRescore(Context* context,
                                                      const v1::PauseRescoreRequest* request,
                                                      v1::Rescore* response) {
  return RunOnPool(pool_, *database_, context, [request, response](CallScope& scope) {
    return server::PauseRescore(scope, *request, *response);
  });
}

RescoreService::Reactor* RescoreService::ResumeRescore(Context* context,
                                                       const v1::ResumeRescoreRequest* request,
                                                       v1::Rescore* response) {
  return RunOnPool(pool_, *database_, context, [this, request, response](CallScope& scope) {
    absl::Status status = server::ResumeRescore(scope, *request, *response);
    WakeJobs();
    return status;
  });
}

RescoreService::Reactor* RescoreService::AdoptRescore(Context* context,
                                                      const v1::AdoptRescoreRequest* request,
                                                      v1::Rescore* response) {
  return RunOnPool(pool_, *database_, context, [request, response](CallScope& scope) {
    return server::AdoptRescore(scope, *request, *response);
  });
}

RescoreService::Reactor* RescoreService::RevertRescore(Context* context,
                                                       const v1::RevertRescoreRequest* request,
                                                       v1::Rescore* response) {
  return RunOnPool(pool_, *database_, context, [request, response](CallScope& scope) {
    return server::RevertRescore(scope, *request, *response);
  });
}

RescoreService::Reactor* RescoreService::DeleteRescore(Context* context,
                                                       const v1::DeleteRescoreRequest* request,
                                                       google::protobuf::Empty*) {
  return RunOnPool(pool_, *database_, context,
                   [request](CallScope& scope) { return server::DeleteRescore(scope, *request); });
}

RescoreService::Reactor* RescoreService::ListStaleResults(
    Context* context, const v1::ListStaleResultsRequest* request,
    v1::ListStaleResultsResponse* response) {
  return RunOnPool(pool_, *database_, context, [request, response](CallScope& scope) {
    return server::ListStaleResults(scope, *request, *response);
  });
}

}  // namespace auscult::server
