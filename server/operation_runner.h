#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/operation_run.h"

namespace auscult::server {

// Does long work, one operation at a time, on a thread of its own at low priority, so that ingest
// keeps its pace. Operations are claimed from the database under a lease: any number of servers
// share them, and what a server leaves behind when it dies is begun anew by another one when the
// lease has ended. An operation that was begun kMaxAttempts times without coming to an end fails.
class OperationRunner {
 public:
  static constexpr int kMaxAttempts = 10;

  // Does one kind of operation. Its status is the operation's error; CANCELLED where
  // `run.Continue` said so, and what may pass (the database went away) ends only this attempt.
  // `connection` is for the handler alone.
  using Handler =
      std::function<absl::StatusOr<OperationResult>(OperationRun& run, db::Connection& connection)>;

  struct Timing {
    OperationRun::Timing run;
    std::chrono::milliseconds poll{1'000};         // how often it looks for work
    std::chrono::milliseconds retry_after{5'000};  // when an attempt failed for what may pass
  };

  // Operations of other kinds are left to servers that know them.
  OperationRunner(std::string conninfo, std::map<std::string, Handler> handlers, Timing timing);
  OperationRunner(std::string conninfo, std::map<std::string, Handler> handlers)
      : OperationRunner(std::move(conninfo), std::move(handlers), Timing{}) {}
  // Stops, if nobody did.
  ~OperationRunner();
  OperationRunner(const OperationRunner&) = delete;
  OperationRunner& operator=(const OperationRunner&) = delete;

  // There is something to do. Thread-safe.
  void Wake();
  // The work under way ends at its next step and is given back; then it returns. AskToStop does not
  // wait for that.
  void AskToStop();
  void Stop();

  // Operations under way: 0 or 1.
  int running() const { return running_; }

 private:
  void Loop();
  absl::StatusOr<bool> WorkOnce();
  void Work(db::OperationClaim claim);
  absl::Status End(OperationRun& run, const absl::StatusOr<OperationResult>& result);
  absl::Status Connect();

  std::atomic<int> running_{0};
  const std::string conninfo_;
  const std::map<std::string, Handler> handlers_;
  const Timing timing_;
  std::vector<std::string> kinds_;
  std::unique_ptr<db::Connection> connection_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  std::thread thread_;
};

}  // namespace auscult::server
