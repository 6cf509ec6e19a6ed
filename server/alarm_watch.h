#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "auscult/v1/alarm_service.pb.h"
#include "db/case_store.h"
#include "db/postgres.h"
#include "grpcpp/grpcpp.h"

namespace auscult::server {

class AlarmStream;

// Tells who watches of every change of a case. One thread asks the database every second while
// anybody watches, for all of them; changes made through other replicas are seen like our own. It
// asks by transactions, so that a change is not missed because its transaction ended after one that
// began later; of several changes of a case within a second the last is told. While the database is
// away nothing comes, and nothing is missed when it is back.
class AlarmWatch {
 public:
  struct Pace {
    std::chrono::milliseconds poll{1000};
    std::chrono::milliseconds heartbeat{15000};
  };

  // `database` must outlive it.
  explicit AlarmWatch(db::Pool* database) : AlarmWatch(database, Pace()) {}
  AlarmWatch(db::Pool* database, Pace pace);
  ~AlarmWatch();
  AlarmWatch(const AlarmWatch&) = delete;
  AlarmWatch& operator=(const AlarmWatch&) = delete;

  // A stream of the cases of a site, of all with "". What it begins with is asked for at once.
  grpc::ServerWriteReactor<v1::WatchAlarmsResponse>* Watch(const std::string& site);

  // Every stream, new ones too, ends with UNAVAILABLE. Does not wait.
  void Stop();

 private:
  void Loop();
  void Poll();
  absl::Status Poll(std::span<const std::shared_ptr<AlarmStream>> streams);
  absl::Status Begin(db::Connection& connection, AlarmStream& stream);
  std::vector<std::shared_ptr<AlarmStream>> Streams();

  db::Pool* const database_;
  const Pace pace_;
  db::ChangeCursor cursor_;  // of the thread
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::weak_ptr<AlarmStream>> streams_;
  bool newcomers_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
