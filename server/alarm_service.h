#pragma once

#include "auscult/v1/alarm_service.grpc.pb.h"
#include "db/postgres.h"
#include "server/alarm_watch.h"
#include "server/call_pool.h"

namespace auscult::server {

// Cases and what people do with them. Calls run on a few threads of its own, watching on one more.
// `database` must outlive it.
class AlarmService final : public v1::AlarmService::CallbackService {
 public:
  AlarmService(const Gate* gate, db::Pool* database)
      : AlarmService(gate, database, AlarmWatch::Pace()) {}
  AlarmService(const Gate* gate, db::Pool* database, AlarmWatch::Pace pace);

  // Ends the streams of WatchAlarms, new ones too. Does not wait.
  void StopStreams() { watch_.Stop(); }

  template <typename Request, typename Response>
  using Handler = absl::Status (*)(CallScope&, const Request&, Response&);
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* ListAlarms(Context*, const v1::ListAlarmsRequest*, v1::ListAlarmsResponse*) override;
  Reactor* GetAlarm(Context*, const v1::GetAlarmRequest*, v1::Alarm*) override;
  Reactor* AcknowledgeAlarm(Context*, const v1::AcknowledgeAlarmRequest*, v1::Alarm*) override;
  Reactor* AssignAlarm(Context*, const v1::AssignAlarmRequest*, v1::Alarm*) override;
  Reactor* CommentAlarm(Context*, const v1::CommentAlarmRequest*, v1::Alarm*) override;
  Reactor* ShelveAlarm(Context*, const v1::ShelveAlarmRequest*, v1::Alarm*) override;
  Reactor* CloseAlarm(Context*, const v1::CloseAlarmRequest*, v1::Alarm*) override;
  Reactor* GetAlarmStatistics(Context*, const v1::GetAlarmStatisticsRequest*,
                              v1::AlarmStatistics*) override;
  grpc::ServerWriteReactor<v1::WatchAlarmsResponse>* WatchAlarms(
      Context*, const v1::WatchAlarmsRequest*) override;

 private:
  template <typename Request, typename Response>
  Reactor* Run(Context* context, const Request* request, Response* response,
               Handler<Request, Response> handler);

  const Gate* const gate_;
  db::Pool* const database_;
  CallPool pool_;
  AlarmWatch watch_;
};

}  // namespace auscult::server
