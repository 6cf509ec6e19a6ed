#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
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
  AlarmStream(std::string site, std::shared_ptr<const Caller> caller)
      : site_(std::move(site)), caller_(std::move(caller)) {}

  // "" for every site.
  const std::string& site() const { return site_; }

  // Sends the case, unless it is of another site or of one that the caller may not see, or this
  // revision of it or a later one was sent already.
  void Tell(const db::StoredCase& stored);

 private:
  bool Take(v1::WatchAlarmsResponse& response) override;

  const std::string site_;
  const std::shared_ptr<const Caller> caller_;
  std::deque<int64_t> order_;                 // of the cases in waiting_
  std::map<int64_t, v1::Alarm> waiting_;      // by alarm_id
  std::map<int64_t, int64_t> told_revision_;  // of each case, the last one taken
};

}  // namespace auscult::server
