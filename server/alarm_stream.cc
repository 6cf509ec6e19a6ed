#include "server/alarm_stream.h"

#include "server/alarm_view.h"

namespace auscult::server {

void AlarmStream::Tell(const db::StoredCase& stored) {
  if (!site_.empty() && site_ != stored.site_slug) return;
  if (!Holds(*caller_, v1::ROLE_VIEWER, stored.site_slug)) return;
  const int64_t id = stored.alarm.alarm_id;
  {
    const std::lock_guard lock(mutex_);
    if (over()) return;
    int64_t& told = told_revision_[id];
    if (told >= stored.revision) return;
    told = stored.revision;
    const auto [place, fresh] = waiting_.insert_or_assign(id, MessageOf(stored));
    if (fresh) order_.push_back(id);
  }
  Proceed();
}

void AlarmStream::Reach(const db::ChangeCursor& cursor) {
  const std::lock_guard lock(mutex_);
  reached_ = cursor;
}

bool AlarmStream::Take(v1::WatchAlarmsResponse& response) {
  // While others wait, a stream that breaks off here has not told everything.
  if (order_.size() <= 1) response.set_resume_token(reached_);
  if (order_.empty()) return false;
  const auto next = waiting_.find(order_.front());
  *response.mutable_alarm() = std::move(next->second);
  waiting_.erase(next);
  order_.pop_front();
  return true;
}

}  // namespace auscult::server
