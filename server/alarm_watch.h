#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "auscult/v1/alarm_service.pb.h"
#include "db/case_store.h"
#include "db/postgres.h"
#include "grpcpp/grpcpp.h"
#include "server/alarm_stream.h"
#include "server/watch_loop.h"

namespace auscult::server {

// Tells who watches of every change of a case. One thread asks the database every second while
// anybody watches, for all of them; changes made through other replicas are seen like our own. It
// asks by transactions, so that a change is not missed because its transaction ended after one that
// began later; of several changes of a case within a second the last is told. While the database is
// away nothing comes, and nothing is missed when it is back.
class AlarmWatch {
 public:
  using Pace = WatchPace;

  // `database` must outlive it.
  explicit AlarmWatch(db::Pool* database) : AlarmWatch(database, Pace()) {}
  AlarmWatch(db::Pool* database, Pace pace);

  // A stream of the cases of a site, of all that the caller may see with "". What it begins with is
  // asked for at once: the open cases, or what changed since `resume_at`. It ends when `may_go_on`
  // says so (null: never).
  grpc::ServerWriteReactor<v1::WatchAlarmsResponse>* Watch(
      const std::string& site, std::optional<db::ChangeCursor> resume_at,
      std::shared_ptr<const Caller> caller, OpenedStream opened,
      std::function<absl::Status()> may_go_on);

  // Every stream, new ones too, ends with UNAVAILABLE. Does not wait.
  void Stop() { loop_.Stop(); }

 private:
  absl::Status Poll(std::span<const std::shared_ptr<AlarmStream>> streams);
  absl::Status Begin(db::Connection& connection, AlarmStream& stream);
  absl::Status TellOpenCases(db::Connection& connection, AlarmStream& stream);

  db::Pool* const database_;
  db::ChangeCursor cursor_;  // of the thread
  WatchLoop<AlarmStream> loop_;
};

}  // namespace auscult::server
