#include "server/alarm_stream.h"

#include <utility>

#include "server/alarm_view.h"

namespace auscult::server {

void AlarmStream::Start() {
  held_by_grpc_ = shared_from_this();
  StartSendInitialMetadata();
}

bool AlarmStream::ended() const {
  const std::lock_guard lock(mutex_);
  return finished_ || cancelled_;
}

void AlarmStream::Tell(const db::StoredCase& stored) {
  const int64_t id = stored.alarm.alarm_id;
  {
    const std::lock_guard lock(mutex_);
    if (finished_ || cancelled_) return;
    int64_t& told = told_revision_[id];
    if (told >= stored.revision) return;
    told = stored.revision;
    const auto [place, fresh] = waiting_.insert_or_assign(id, MessageOf(stored));
    if (fresh) order_.push_back(id);
  }
  Proceed();
}

void AlarmStream::Beat(std::chrono::milliseconds heartbeat) {
  {
    const std::lock_guard lock(mutex_);
    beat_due_ = Clock::now() - last_sent_ >= heartbeat;
  }
  Proceed();
}

void AlarmStream::End(const grpc::Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || cancelled_ || finished_) return;
    end_ = status;
    ending_ = true;
  }
  Proceed();
}

void AlarmStream::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    writing_now_ = false;
    cancelled_ = cancelled_ || !ok;
  }
  Proceed();
}

void AlarmStream::OnCancel() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  Proceed();
}

void AlarmStream::OnDone() { const std::shared_ptr<AlarmStream> last = std::move(held_by_grpc_); }

void AlarmStream::Proceed() {
  // gRPC may be done with the call as soon as it is finished.
  const std::shared_ptr<AlarmStream> self = shared_from_this();
  std::unique_lock lock(mutex_);
  proceed_again_ = true;
  if (proceeding_) return;
  proceeding_ = true;
  while (std::exchange(proceed_again_, false)) {
    for (Step step = NextStep(); step != Step::kNone; step = NextStep()) {
      lock.unlock();
      if (step == Step::kWrite) {
        StartWrite(&writing_);
      } else {
        Finish(end_);
      }
      lock.lock();
    }
  }
  proceeding_ = false;
}

AlarmStream::Step AlarmStream::NextStep() {
  if (finished_ || writing_now_) return Step::kNone;
  if (cancelled_ || ending_) {
    finished_ = true;
    return Step::kFinish;
  }
  if (order_.empty() && !beat_due_) return Step::kNone;
  writing_.Clear();
  if (!order_.empty()) {
    const auto next = waiting_.find(order_.front());
    *writing_.mutable_alarm() = std::move(next->second);
    waiting_.erase(next);
    order_.pop_front();
  }
  beat_due_ = false;
  writing_now_ = true;
  last_sent_ = Clock::now();
  return Step::kWrite;
}

}  // namespace auscult::server
