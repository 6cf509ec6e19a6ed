#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "db/operation_store.h"
#include "db/postgres.h"
#include "google/longrunning/operations.pb.h"
#include "server/access/gate.h"

namespace auscult::server {

// The calls that wait for operations to be done: one thread asks the database for all of them at
// once, so that no thread is held by a wait. Thread-safe.
class OperationWaits {
 public:
  explicit OperationWaits(db::Pool* database);
  ~OperationWaits();

  // Answers all that still wait with the state of the moment, and takes no more.
  void Stop();

  // A call that waits for the operation of this number.
  struct Call {
    grpc::CallbackServerContext* context;
    grpc::ServerUnaryReactor* reactor;
    int64_t id;
    std::chrono::milliseconds timeout;
    Admitted admitted;
    std::function<absl::Status()> still_holds;  // Gate::StillHolds of the caller
    google::longrunning::Operation* response;
  };
  // Finishes the call when the operation is done or gone or not for the caller, or no longer, when
  // `timeout` has passed, the call's own deadline is near or nobody waits any more. False where too
  // many wait already.
  bool Add(Call call);

 private:
  using Clock = std::chrono::system_clock;  // that of gRPC's deadlines
  struct Wait {
    Call call;
    Clock::time_point until;
  };
  void Loop();
  void Look(std::list<Wait>& waits, bool last_look);
  static absl::Status Judge(const Wait& wait, const db::Operation& operation);

  db::Pool* const database_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::list<Wait> added_;  // not looked at yet
  size_t count_ = 0;       // that were not answered
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
