#include "server/alarm_service.h"

#include <optional>
#include <utility>

#include "server/access/gate.h"
#include "server/alarm_calls.h"
#include "server/errors.h"
#include "server/names.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 2;
constexpr size_t kWaitingCalls = 128;

absl::Status BadResumeToken() {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   {.reason = "BAD_RESUME_TOKEN",
                    .message = "resume_token is none that came from WatchAlarms",
                    .remedy = "send the last one as it came, or none to begin with the open cases",
                    .field = "resume_token"});
}

}  // namespace

AlarmService::AlarmService(const Gate* gate, db::Pool* database, AlarmWatch::Pace pace)
    : gate_(gate), database_(database), pool_(kThreads, kWaitingCalls), watch_(database, pace) {}

template <typename Request, typename Response>
AlarmService::Reactor* AlarmService::Run(Context* context, const Request* request,
                                         Response* response, Handler<Request, Response> handler) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request, response, handler](CallScope& scope) {
                     return handler(scope, *request, *response);
                   });
}

AlarmService::Reactor* AlarmService::ListAlarms(Context* context,
                                                const v1::ListAlarmsRequest* request,
                                                v1::ListAlarmsResponse* response) {
  return Run(context, request, response, &server::ListAlarms);
}
AlarmService::Reactor* AlarmService::GetAlarm(Context* context, const v1::GetAlarmRequest* request,
                                              v1::Alarm* response) {
  return Run(context, request, response, &server::GetAlarm);
}
AlarmService::Reactor* AlarmService::AcknowledgeAlarm(Context* context,
                                                      const v1::AcknowledgeAlarmRequest* request,
                                                      v1::Alarm* response) {
  return Run(context, request, response, &server::AcknowledgeAlarm);
}
AlarmService::Reactor* AlarmService::AssignAlarm(Context* context,
                                                 const v1::AssignAlarmRequest* request,
                                                 v1::Alarm* response) {
  return Run(context, request, response, &server::AssignAlarm);
}
AlarmService::Reactor* AlarmService::CommentAlarm(Context* context,
                                                  const v1::CommentAlarmRequest* request,
                                                  v1::Alarm* response) {
  return Run(context, request, response, &server::CommentAlarm);
}
AlarmService::Reactor* AlarmService::ShelveAlarm(Context* context,
                                                 const v1::ShelveAlarmRequest* request,
                                                 v1::Alarm* response) {
  return Run(context, request, response, &server::ShelveAlarm);
}
AlarmService::Reactor* AlarmService::CloseAlarm(Context* context,
                                                const v1::CloseAlarmRequest* request,
                                                v1::Alarm* response) {
  return Run(context, request, response, &server::CloseAlarm);
}
AlarmService::Reactor* AlarmService::GetAlarmStatistics(
    Context* context, const v1::GetAlarmStatisticsRequest* request, v1::AlarmStatistics* response) {
  return Run(context, request, response, &server::GetAlarmStatistics);
}

grpc::ServerWriteReactor<v1::WatchAlarmsResponse>* AlarmService::WatchAlarms(
    Context* context, const v1::WatchAlarmsRequest* request) {
  const absl::StatusOr<Admitted> admitted = gate_->Admit(*context, *request);
  if (!admitted.ok()) return new RefusedWatch<v1::WatchAlarmsResponse>(admitted.status());
  const absl::StatusOr<std::string> site =
      ParseSiteName(request->parent(), /*wildcard=*/true, "parent");
  if (!site.ok()) return new RefusedWatch<v1::WatchAlarmsResponse>(site.status());
  std::optional<db::ChangeCursor> resume_at;
  if (!request->resume_token().empty()) {
    resume_at = db::ParseChangeCursor(request->resume_token());
    if (!resume_at) return new RefusedWatch<v1::WatchAlarmsResponse>(BadResumeToken());
  }
  absl::StatusOr<OpenedStream> opened = OpenStreamOf(admitted->key);
  if (!opened.ok()) return new RefusedWatch<v1::WatchAlarmsResponse>(opened.status());
  return watch_.Watch(*site == "-" ? "" : *site, std::move(resume_at), admitted->caller,
                      *std::move(opened), gate_->StillHolds(admitted->caller));
}

}  // namespace auscult::server
