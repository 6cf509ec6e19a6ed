#include "server/call_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/access/gate.h"
#include "server/access/request_sites.h"
#include "server/acting.h"
#include "server/errors.h"
#include "server/quota_error.h"
#include "server/store_errors.h"
#include "server/tenants.h"

namespace auscult::server {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};
constexpr std::chrono::milliseconds kConnectionWait{5000};
constexpr size_t kShareOfFree = 7;
// A round of the queue: one call of each caller.
constexpr int64_t kCallCost = 64 << 10;

absl::Status StillWanted(const grpc::CallbackServerContext& context) {
  if (context.deadline() <= std::chrono::system_clock::now()) {
    return MakeError(absl::StatusCode::kDeadlineExceeded,
                     {.reason = "DEADLINE_EXCEEDED",
                      .message = "the deadline of the call has passed",
                      .remedy = "allow more time, or ask for less",
                      .field = ""});
  }
  if (context.IsCancelled()) return absl::CancelledError("the caller cancelled");
  return absl::OkStatus();
}

std::chrono::milliseconds TimeLeft(const grpc::CallbackServerContext& context) {
  const auto now = std::chrono::system_clock::now();
  if (context.deadline() > now + kConnectionWait) return kConnectionWait;
  return std::chrono::duration_cast<std::chrono::milliseconds>(context.deadline() - now);
}

absl::Status Answer(const UnaryCall& call, const Admitted& admitted,
                    const std::function<absl::Status(CallScope&)>& handler,
                    const std::function<absl::Status()>& before) {
  const grpc::CallbackServerContext& context = *call.context;
  if (absl::Status status = StillWanted(context); !status.ok()) return status;
  if (before) {
    if (absl::Status status = before(); !status.ok()) return FromDatabase(status);
  }
  absl::StatusOr<db::Pool::Lease> lease = call.database.Acquire(TimeLeft(context));
  if (!lease.ok()) return FromDatabase(lease.status());
  absl::Status acting = ActForCaller(**lease, admitted, RequestIdOf(context));
  if (!acting.ok()) return FromDatabase(acting);
  CallScope scope{.connection = **lease,
                  .still_wanted = [&context] { return StillWanted(context); },
                  .caller = admitted.caller,
                  .rule = admitted.rule};
  const absl::Status status = FromDatabase(handler(scope));
  if (status.ok() && admitted.rule->where == Where::kAnySite) {
    KeepVisible(*admitted.caller, admitted.rule->role, *call.response);
  }
  return status;
}

}  // namespace

CallPool::CallPool(int threads, size_t queue_limit) : queue_limit_(queue_limit) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

CallPool::~CallPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool CallPool::TryRun(std::function<void()> task, const std::string& caller) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    if (queue_.CountOf(caller) >= kShareOfFree * (queue_limit_ - queue_.size())) return false;
    queue_.Push(caller, kCallCost, std::move(task));
  }
  wake_.notify_one();
  return true;
}

void CallPool::Work() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      task = queue_.Pop();
    }
    task();
  }
}

grpc::ServerUnaryReactor* RunOnPool(const UnaryCall& call,
                                    std::function<absl::Status(CallScope&)> handler,
                                    std::function<absl::Status()> before) {
  grpc::ServerUnaryReactor* reactor = call.context->DefaultReactor();
  absl::StatusOr<Admitted> admitted = call.gate.Admit(*call.context, *call.request);
  if (!admitted.ok()) {
    reactor->Finish(ToGrpcStatus(admitted.status()));
    return reactor;
  }
  // Records and readings are charged by their number.
  if (admitted->key != nullptr && admitted->rule->role != v1::ROLE_INGEST) {
    if (const absl::Status status = admitted->key->TakeCall(); !status.ok()) {
      reactor->Finish(ToGrpcStatus(status));
      return reactor;
    }
  }
  const std::string caller = admitted->caller->principal;
  const bool taken = call.pool.TryRun(
      [call, reactor, admitted = *std::move(admitted), handler = std::move(handler),
       before = std::move(before)] {
        reactor->Finish(ToGrpcStatus(Answer(call, admitted, handler, before)));
      },
      caller);
  if (!taken) {
    if (Tenants* tenants = call.gate.tenants()) tenants->refusals().Count(RefusedFor::kCallQueue);
    reactor->Finish(ToGrpcStatus(Overloaded({.reason = "TOO_MANY_CALLS",
                                             .message = "too many calls wait already",
                                             .remedy = "try again after the time given",
                                             .field = ""},
                                            Jittered(kRetryAfter))));
  }
  return reactor;
}

}  // namespace auscult::server
