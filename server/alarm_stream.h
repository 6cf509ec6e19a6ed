#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "auscult/v1/alarm_service.pb.h"
#include "db/case_store.h"
#include "grpcpp/grpcpp.h"

namespace auscult::server {

// One call of WatchAlarms. Holds what was not sent yet, of each case the latest, so that a slow
// reader costs no more than the cases there are. Lives until gRPC and who watches have let go of
// it.
class AlarmStream final : public grpc::ServerWriteReactor<v1::WatchAlarmsResponse>,
                          public std::enable_shared_from_this<AlarmStream> {
 public:
  using Clock = std::chrono::steady_clock;

  explicit AlarmStream(std::string site) : site_(std::move(site)), last_sent_(Clock::now()) {}

  // To be called once, before gRPC gets the reactor.
  void Start();

  // "" for every site.
  const std::string& site() const { return site_; }
  bool ended() const;

  // Of the thread that watches: whether the open cases were sent.
  bool begun = false;

  // Sends the case, unless this revision of it or a later one was sent already.
  void Tell(const db::StoredCase& stored);
  // Sends an empty message when nothing was sent for so long.
  void Beat(std::chrono::milliseconds heartbeat);
  // Ends with `status` as soon as no write is under way.
  void End(const grpc::Status& status);

 private:
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  enum class Step { kNone, kWrite, kFinish };
  // Does whatever can be done now, in this thread or in the one that is at it already; under no
  // lock.
  void Proceed();
  Step NextStep();

  const std::string site_;
  std::shared_ptr<AlarmStream> held_by_grpc_;
  v1::WatchAlarmsResponse writing_;  // of gRPC while a write is under way

  mutable std::mutex mutex_;
  std::deque<int64_t> order_;                 // of the cases in waiting_
  std::map<int64_t, v1::Alarm> waiting_;      // by alarm_id
  std::map<int64_t, int64_t> told_revision_;  // of each case, the last one taken
  bool beat_due_ = false;
  bool proceeding_ = false, proceed_again_ = false;
  bool writing_now_ = false, cancelled_ = false, ending_ = false, finished_ = false;
  grpc::Status end_;  // set before ending_, once
  Clock::time_point last_sent_;
};

}  // namespace auscult::server
