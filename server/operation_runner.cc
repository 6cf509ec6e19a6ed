#include "server/operation_runner.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/errors.h"
#include "server/log.h"
#include "server/low_priority.h"
#include "server/operation_view.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

absl::Status GivenUp(int attempts) {
  return MakeError(
      absl::StatusCode::kInternal,
      {.reason = "GIVEN_UP",
       .message = absl::StrCat("the operation was begun ", attempts - 1,
                               " times and never came to an end"),
       .remedy = "see in the servers' logs why they ended or lost the database, then ask again",
       .field = ""});
}

LogFields FieldsOf(const OperationRun& run) {
  return {{"operation", absl::StrCat(run.operation().id)}, {"kind", run.operation().kind}};
}

}  // namespace

OperationRunner::OperationRunner(std::string conninfo, std::map<std::string, Handler> handlers,
                                 Timing timing)
    : conninfo_(std::move(conninfo)), handlers_(std::move(handlers)), timing_(timing) {
  for (const auto& [kind, handler] : handlers_) kinds_.push_back(kind);
  thread_ = std::thread([this] { Loop(); });
}

OperationRunner::~OperationRunner() { Stop(); }

void OperationRunner::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void OperationRunner::AskToStop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void OperationRunner::Stop() {
  AskToStop();
  if (thread_.joinable()) thread_.join();
}

void OperationRunner::Loop() {
  LowerPriority();
  while (!stopping_) {
    const absl::StatusOr<bool> worked = WorkOnce();
    if (worked.ok() && *worked) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, timing_.poll, [this] { return woken_ || stopping_; });
    woken_ = false;
  }
}

absl::Status OperationRunner::Connect() { return db::Reconnect(conninfo_, connection_); }

absl::StatusOr<bool> OperationRunner::WorkOnce() {
  if (absl::Status status = Connect(); !status.ok()) return status;
  auto claim = db::ClaimOperation(*connection_, kinds_, timing_.run.lease);
  if (!claim.ok()) return claim.status();
  if (!*claim) return false;
  ++running_;
  Work(**std::move(claim));
  --running_;
  return true;
}

void OperationRunner::Work(db::OperationClaim claim) {
  OperationRun run(conninfo_, std::move(claim), timing_.run, &stopping_);
  LogInfo("an operation begins", FieldsOf(run));
  const auto handle = [&]() -> absl::StatusOr<OperationResult> {
    if (run.attempts() > kMaxAttempts) return GivenUp(run.attempts());
    if (absl::Status wanted = run.Continue(); !wanted.ok()) return wanted;
    return handlers_.at(run.operation().kind)(run, *connection_);
  };
  const absl::StatusOr<OperationResult> result = handle();
  absl::Status status = Connect();
  if (status.ok()) status = End(run, result);
  // Where it could not be told, the lease ends by itself and the work is done again.
  LogFields fields = FieldsOf(run);
  if (!result.ok()) fields.emplace_back("because", std::string(result.status().message()));
  if (!status.ok()) fields.emplace_back("status", status.ToString());
  LogInfo(status.ok() && result.ok() ? "an operation is done" : "an operation ends", fields);
}

absl::Status OperationRunner::End(OperationRun& run,
                                  const absl::StatusOr<OperationResult>& result) {
  absl::Status status = result.status();
  if (status.ok()) {
    status = run.Finish(*connection_, *result);
    if (status.ok()) return status;
  }
  if (run.lost()) return absl::OkStatus();
  if (run.cancel_requested()) return run.Fail(*connection_, CancelledOperation());
  if (absl::IsCancelled(status)) {
    return run.Release(*connection_, std::chrono::milliseconds(0), true);
  }
  // A refusal in a handler's own words is its answer; what comes from the database as it is may
  // pass.
  if (MayPass(status) && !HasProblem(status)) {
    return run.Release(*connection_, timing_.retry_after, false);
  }
  return run.Fail(*connection_, status);
}

}  // namespace auscult::server
