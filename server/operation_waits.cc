#include "server/operation_waits.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "db/operation_store.h"
#include "server/access/owner.h"
#include "server/errors.h"
#include "server/operation_view.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

constexpr std::chrono::milliseconds kPeriod{250};
constexpr size_t kMaxWaits = 1000;
// An answer that comes with the deadline is no answer.
constexpr std::chrono::milliseconds kBeforeDeadline{500};

}  // namespace

OperationWaits::OperationWaits(db::Pool* database)
    : database_(database), thread_([this] { Loop(); }) {}

OperationWaits::~OperationWaits() { Stop(); }

void OperationWaits::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool OperationWaits::Add(Call call) {
  const Clock::time_point now = Clock::now();
  Clock::time_point until = call.context->deadline();
  if (until < Clock::time_point::max()) until -= kBeforeDeadline;
  if (call.timeout < std::chrono::hours(1)) until = std::min(until, now + call.timeout);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || count_ >= kMaxWaits) return false;
    ++count_;
    added_.push_back({.call = std::move(call), .until = until});
  }
  wake_.notify_all();
  return true;
}

void OperationWaits::Loop() {
  std::list<Wait> waits;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto news = [this] { return stopping_ || !added_.empty(); };
    if (waits.empty()) {
      wake_.wait(lock, news);
    } else {
      wake_.wait_for(lock, kPeriod, news);
    }
    waits.splice(waits.end(), added_);
    const bool last_look = stopping_;
    lock.unlock();
    const size_t before = waits.size();
    if (!waits.empty()) Look(waits, last_look);
    lock.lock();
    count_ -= before - waits.size();
    if (last_look) return;
  }
}

// That the caller may see it, still.
absl::Status OperationWaits::Judge(const Wait& wait, const db::Operation& operation) {
  if (absl::Status status = wait.call.still_holds(); !status.ok()) return status;
  const Admitted& admitted = wait.call.admitted;
  const absl::Status status = JudgeOperation(*admitted.caller, *admitted.rule, operation);
  return absl::IsNotFound(status) ? UnknownOperation(OperationResource(wait.call.id)) : status;
}

void OperationWaits::Look(std::list<Wait>& waits, bool last_look) {
  std::vector<int64_t> ids;
  for (const Wait& wait : waits) ids.push_back(wait.call.id);
  absl::StatusOr<std::vector<db::Operation>> found;
  {
    absl::StatusOr<db::Pool::Lease> lease = database_->Acquire();
    found = lease.ok() ? db::FindOperations(**lease, ids) : lease.status();
  }
  std::map<int64_t, const db::Operation*> by_id;
  if (found.ok()) {
    for (const db::Operation& operation : *found) by_id[operation.id] = &operation;
  }
  const Clock::time_point now = Clock::now();
  for (auto wait = waits.begin(); wait != waits.end();) {
    const bool over = last_look || now >= wait->until || wait->call.context->IsCancelled();
    absl::Status status = found.ok() ? absl::OkStatus() : FromDatabase(found.status());
    bool answer = over;
    if (found.ok()) {
      const auto operation = by_id.find(wait->call.id);
      if (operation == by_id.end()) {
        status = UnknownOperation(OperationResource(wait->call.id));
        answer = true;
      } else if (status = Judge(*wait, *operation->second); !status.ok()) {
        answer = true;
      } else if (over || operation->second->done) {
        *wait->call.response = MessageOf(*operation->second);
        answer = true;
      }
    }
    if (answer) {
      wait->call.reactor->Finish(ToGrpcStatus(status));
      wait = waits.erase(wait);
    } else {
      ++wait;
    }
  }
}

}  // namespace auscult::server
