#pragma once

#include "auscult/v1/rescore_service.grpc.pb.h"
#include "db/postgres.h"
#include "server/call_pool.h"
#include "server/rescore_jobs.h"

namespace auscult::server {

// Judging history again, and when that begins by itself: calls run on a few threads of its own, the
// work is done by `jobs`, or by other servers where that is null. What it points to outlives it.
class RescoreService final : public v1::RescoreService::CallbackService {
 public:
  RescoreService(const Gate* gate, db::Pool* database, RescoreJobs* jobs);

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* StartRescore(Context*, const v1::StartRescoreRequest*,
                        google::longrunning::Operation*) override;
  Reactor* GetRescore(Context*, const v1::GetRescoreRequest*, v1::Rescore*) override;
  Reactor* ListRescores(Context*, const v1::ListRescoresRequest*,
                        v1::ListRescoresResponse*) override;
  Reactor* PauseRescore(Context*, const v1::PauseRescoreRequest*, v1::Rescore*) override;
  Reactor* ResumeRescore(Context*, const v1::ResumeRescoreRequest*, v1::Rescore*) override;
  Reactor* AdoptRescore(Context*, const v1::AdoptRescoreRequest*, v1::Rescore*) override;
  Reactor* RevertRescore(Context*, const v1::RevertRescoreRequest*, v1::Rescore*) override;
  Reactor* DeleteRescore(Context*, const v1::DeleteRescoreRequest*,
                         google::protobuf::Empty*) override;
  Reactor* ListStaleResults(Context*, const v1::ListStaleResultsRequest*,
                            v1::ListStaleResultsResponse*) override;

  Reactor* CreateSchedule(Context*, const v1::CreateScheduleRequest*, v1::Schedule*) override;
  Reactor* GetSchedule(Context*, const v1::GetScheduleRequest*, v1::Schedule*) override;
  Reactor* ListSchedules(Context*, const v1::ListSchedulesRequest*,
                         v1::ListSchedulesResponse*) override;
  Reactor* UpdateSchedule(Context*, const v1::UpdateScheduleRequest*, v1::Schedule*) override;
  Reactor* DeleteSchedule(Context*, const v1::DeleteScheduleRequest*,
                          google::protobuf::Empty*) override;
  Reactor* ListScheduleRuns(Context*, const v1::ListScheduleRunsRequest*,
                            v1::ListScheduleRunsResponse*) override;

 private:
  // A call that is nothing but its handler.
  template <typename Request, typename Response>
  Reactor* Handle(Context* context, const Request* request, Response* response,
                  absl::Status (*handler)(CallScope&, const Request&, Response&));
  void WakeJobs() {
    if (jobs_ != nullptr) jobs_->Wake();
  }

  const Gate* const gate_;
  db::Pool* const database_;
  RescoreJobs* const jobs_;
  CallPool pool_;
};

}  // namespace auscult::server
