#include "server/rescore_service.h"

#include "server/rescore_calls.h"
#include "server/schedule_calls.h"
#include "server/stale_calls.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 2;
constexpr size_t kWaitingCalls = 64;

}  // namespace

RescoreService::RescoreService(const Gate* gate, db::Pool* database, RescoreJobs* jobs)
    : gate_(gate), database_(database), jobs_(jobs), pool_(kThreads, kWaitingCalls) {}

template <typename Request, typename Response>
RescoreService::Reactor* RescoreService::Handle(Context* context, const Request* request,
                                                Response* response,
                                                absl::Status (*handler)(CallScope&, const Request&,
                                                                        Response&)) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request, response, handler](CallScope& scope) {
                     return handler(scope, *request, *response);
                   });
}

RescoreService::Reactor* RescoreService::StartRescore(Context* context,
                                                      const v1::StartRescoreRequest* request,
                                                      google::longrunning::Operation* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     absl::Status status = server::StartRescore(scope, *request, *response);
                     WakeJobs();
                     return status;
                   });
}

RescoreService::Reactor* RescoreService::ResumeRescore(Context* context,
                                                       const v1::ResumeRescoreRequest* request,
                                                       v1::Rescore* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     absl::Status status = server::ResumeRescore(scope, *request, *response);
                     WakeJobs();
                     return status;
                   });
}

RescoreService::Reactor* RescoreService::DeleteRescore(Context* context,
                                                       const v1::DeleteRescoreRequest* request,
                                                       google::protobuf::Empty* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request](CallScope& scope) { return server::DeleteRescore(scope, *request); });
}

RescoreService::Reactor* RescoreService::GetRescore(Context* context,
                                                    const v1::GetRescoreRequest* request,
                                                    v1::Rescore* response) {
  return Handle(context, request, response, &server::GetRescore);
}

RescoreService::Reactor* RescoreService::ListRescores(Context* context,
                                                      const v1::ListRescoresRequest* request,
                                                      v1::ListRescoresResponse* response) {
  return Handle(context, request, response, &server::ListRescores);
}

RescoreService::Reactor* RescoreService::PauseRescore(Context* context,
                                                      const v1::PauseRescoreRequest* request,
                                                      v1::Rescore* response) {
  return Handle(context, request, response, &server::PauseRescore);
}

RescoreService::Reactor* RescoreService::AdoptRescore(Context* context,
                                                      const v1::AdoptRescoreRequest* request,
                                                      v1::Rescore* response) {
  return Handle(context, request, response, &server::AdoptRescore);
}

RescoreService::Reactor* RescoreService::RevertRescore(Context* context,
                                                       const v1::RevertRescoreRequest* request,
                                                       v1::Rescore* response) {
  return Handle(context, request, response, &server::RevertRescore);
}

RescoreService::Reactor* RescoreService::ListStaleResults(
    Context* context, const v1::ListStaleResultsRequest* request,
    v1::ListStaleResultsResponse* response) {
  return Handle(context, request, response, &server::ListStaleResults);
}

RescoreService::Reactor* RescoreService::CreateSchedule(Context* context,
                                                        const v1::CreateScheduleRequest* request,
                                                        v1::Schedule* response) {
  return Handle(context, request, response, &server::CreateSchedule);
}

RescoreService::Reactor* RescoreService::GetSchedule(Context* context,
                                                     const v1::GetScheduleRequest* request,
                                                     v1::Schedule* response) {
  return Handle(context, request, response, &server::GetSchedule);
}

RescoreService::Reactor* RescoreService::ListSchedules(Context* context,
                                                       const v1::ListSchedulesRequest* request,
                                                       v1::ListSchedulesResponse* response) {
  return Handle(context, request, response, &server::ListSchedules);
}

RescoreService::Reactor* RescoreService::UpdateSchedule(Context* context,
                                                        const v1::UpdateScheduleRequest* request,
                                                        v1::Schedule* response) {
  return Handle(context, request, response, &server::UpdateSchedule);
}

RescoreService::Reactor* RescoreService::ListScheduleRuns(
    Context* context, const v1::ListScheduleRunsRequest* request,
    v1::ListScheduleRunsResponse* response) {
  return Handle(context, request, response, &server::ListScheduleRuns);
}

RescoreService::Reactor* RescoreService::DeleteSchedule(Context* context,
                                                        const v1::DeleteScheduleRequest* request,
                                                        google::protobuf::Empty* response) {
  return Handle(context, request, response, &server::DeleteSchedule);
}

}  // namespace auscult::server
