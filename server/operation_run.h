#pragma once

#include <google/protobuf/any.pb.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "db/operation_store.h"

namespace auscult::server {

// What an operation comes to: called inside the transaction that marks it done, so that what it
// stores is stored once, by the one who holds the claim. Answers the operation's response.
using OperationResult = std::function<absl::StatusOr<google::protobuf::Any>(db::Connection&)>;

// One attempt at an operation, as its handler sees it. A thread with a connection of its own renews
// the lease and stores the metadata once a beat, however long a step of the handler takes.
class OperationRun {
 public:
  struct Timing {
    std::chrono::milliseconds lease{30'000};
    std::chrono::milliseconds beat{1'000};
  };

  // `stopping` and what `conninfo` leads to outlive it.
  OperationRun(std::string conninfo, db::OperationClaim claim, Timing timing,
               const std::atomic<bool>* stopping);
  ~OperationRun();
  OperationRun(const OperationRun&) = delete;
  OperationRun& operator=(const OperationRun&) = delete;

  const db::Operation& operation() const { return claim_.operation; }
  int attempts() const { return claim_.attempts; }

  // CANCELLED once the work is to end: somebody cancelled it, the server stops, or the claim is
  // lost. Ask between the steps.
  absl::Status Continue() const;
  // Progress for those who watch; shown with the next beat.
  void Report(const google::protobuf::Message& metadata);

  bool cancel_requested() const { return cancel_requested_; }
  bool lost() const;

  // Inside a transaction: what follows in it is written by the one who holds the claim, or not at
  // all (ABORTED).
  absl::Status Lock(db::Connection& connection) const {
    return db::LockClaim(connection, claim_.operation.id, claim_.fence);
  }

  // The ends of a run. Each stops the beats first.
  absl::Status Finish(db::Connection& connection, const OperationResult& result);
  absl::Status Fail(db::Connection& connection, const absl::Status& error);
  absl::Status Release(db::Connection& connection, std::chrono::milliseconds pause, bool orderly);

 private:
  using Clock = std::chrono::steady_clock;
  void Beat();
  void RenewOnce(std::unique_ptr<db::Connection>& connection);
  void StopBeating();
  std::string TakeMetadata();

  const std::string conninfo_;
  const db::OperationClaim claim_;
  const Timing timing_;
  const std::atomic<bool>* const stopping_;
  std::atomic<bool> cancel_requested_;
  std::atomic<bool> taken_over_{false};
  std::atomic<Clock::rep> held_until_;  // at the latest, by this machine's clock

  std::mutex mutex_;
  std::condition_variable wake_;
  std::string metadata_;  // Any, serialised; what is to be shown
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
