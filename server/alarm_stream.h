#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "auscult/v1/alarm_service.pb.h"
#include "db/case_store.h"
#include "server/access/caller.h"
#include "server/watch_stream.h"

namespace auscult::server {

// One call of WatchAlarms. Holds what was not sent yet, of each case the latest, so that a slow
// reader costs no more than the cases there are.
class AlarmStream final : public WatchStream<v1::WatchAlarmsResponse> {
 public:
  // `resume_at`: where an earlier stream stood; none: it begins with the open cases.
  AlarmStream(std::string site, std::optional<db::ChangeCursor> resume_at,
              std::shared_ptr<const Caller> caller)
      : site_(std::move(site)), resume_at_(std::move(resume_at)), caller_(std::move(caller)) {}

  // "" for every site.
  const std::string& site() const { return site_; }
  const std::optional<db::ChangeCursor>& resume_at() const { return resume_at_; }

  // Sends the case, unless it is of another site or of one that the caller may not see, or this
  // revision of it or a later one was sent already.
  void Tell(const db::StoredCase& stored);
  // Everything that changed before was told.
  void Reach(const db::ChangeCursor& cursor);

 private:
  bool Take(v1::WatchAlarmsResponse& response) override;

  const std::string site_;
  const std::optional<db::ChangeCursor> resume_at_;
  const std::shared_ptr<const Caller> caller_;
  db::ChangeCursor reached_;
  std::deque<int64_t> order_;                 // of the cases in waiting_
  std::map<int64_t, v1::Alarm> waiting_;      // by alarm_id
  std::map<int64_t, int64_t> told_revision_;  // of each case, the last one taken
};

}  // namespace auscult::server
