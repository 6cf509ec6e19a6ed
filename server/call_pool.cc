#include "server/call_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/access/gate.h"
#include "server/access/request_sites.h"
#include "server/errors.h"
#include "server/quota_error.h"
#include "server/store_errors.h"
#include "server/tenants.h"

namespace auscult::server {
namespace {

constexpr std::chrono::seconds kRetryAfter{1};
constexpr std::chrono::milliseconds kConnectionWait{5000};
constexpr size_t kMostIdBytes = 128;
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

// As the client, or HTTP, named the call; "" where it did not.
std::string RequestIdOf(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("x-request-id");
  if (found == metadata.end()) return "";
  return std::string(found->second.data(), std::min(found->second.size(), kMostIdBytes));
}

// Where the caller holds the role of the call, for the database to show him nothing else; unset:
// at all sites.
absl::StatusOr<std::optional<std::vector<int64_t>>> SitesOf(db::Connection& connection,
                                                            const Admitted& admitted) {
  const CallRule& rule = *admitted.rule;
  if (rule.where == Where::kNowhere || Holds(*admitted.caller, rule.role, "")) return std::nullopt;
  std::vector<db::Param> slugs;
  for (const SiteRole& role : admitted.caller->roles) {
    if (Includes(role.role, rule.role)) slugs.push_back(db::Text(role.site));
  }
  const db::Param values[] = {db::Array(slugs)};
  const absl::StatusOr<db::Rows> rows =
      connection.Query("SELECT site_id FROM site WHERE slug = ANY ($1::text[])", values);
  if (!rows.ok()) return rows.status();
  std::vector<int64_t> ids;
  for (int row = 0; row < rows->count(); ++row) ids.push_back(rows->Int(row, 0));
  return ids;
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
  auto sites = SitesOf(**lease, admitted);
  if (!sites.ok()) return FromDatabase(sites.status());
  (*lease)->ActFor({.principal = admitted.caller->principal,
                    .request_id = RequestIdOf(context),
                    .site_ids = *std::move(sites)});
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
