#include "server/schedule_clock.h"

#include <algorithm>
#include <string>
#include <vector>

#include "db/operation_store.h"
#include "db/schedule_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/log.h"
#include "server/names.h"
#include "server/operation_view.h"
#include "server/rescore_calls.h"
#include "server/schedule_view.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

// A time that is longer ago was missed: no server ran.
constexpr int64_t kMissedAfterUs = 5 * 60 * 1'000'000LL;
// Of missed times no more are caught up, and no more are noted.
constexpr size_t kMostRuns = 24;
// A minute-wise schedule after a year without a server: walked through once.
constexpr size_t kMostTimes = 600'000;

// One schedule in one server's hands.
class Turn {
 public:
  Turn(db::Connection& connection, const db::DueSchedule& due, const v1::Schedule& schedule)
      : connection_(connection),
        due_(due),
        schedule_(schedule),
        busy_(due.running_operation.has_value()) {}

  absl::StatusOr<int> Take() {
    absl::Status status = BeginWaiting();
    const std::vector<int64_t> times = DueTimes();
    for (size_t i = 0; status.ok() && i < times.size(); ++i) {
      status =
          IsMissed(times, i) ? Note(times[i], v1::ScheduleRun::OUTCOME_MISSED) : Meet(times[i]);
    }
    if (status.ok()) {
      status = db::SetNextTime(connection_, due_.schedule.schedule_id,
                               NextTime(schedule_, due_.schedule.site_time_zone, due_.now_us));
    }
    if (!status.ok()) return status;
    return begun_;
  }

 private:
  // The times since the one that is stored, the latest kMostRuns of them, oldest first.
  std::vector<int64_t> DueTimes() const {
    std::vector<int64_t> times;
    std::optional<int64_t> next = due_.schedule.next_us;
    for (size_t i = 0; next && *next <= due_.now_us && i < kMostTimes; ++i) {
      times.push_back(*next);
      if (times.size() > kMostRuns) times.erase(times.begin());
      next = NextTime(schedule_, due_.schedule.site_time_zone, *next);
    }
    return times;
  }

  bool IsMissed(const std::vector<int64_t>& times, size_t i) const {
    switch (schedule_.catch_up()) {
      case v1::Schedule::CATCH_UP_EACH:
        return false;
      case v1::Schedule::CATCH_UP_SKIP:
        return times[i] < due_.now_us - kMissedAfterUs;
      default:  // one for all of them
        return i + 1 < times.size();
    }
  }

  absl::Status BeginWaiting() {
    if (busy_ || due_.waiting_us.empty()) return absl::OkStatus();
    return Begin(due_.waiting_us.front());
  }

  absl::Status Meet(int64_t due_us) {
    if (!busy_) return Begin(due_us);
    switch (schedule_.overlap()) {
      case v1::Schedule::OVERLAP_WAIT:
        return Note(due_us, v1::ScheduleRun::OUTCOME_WAITING);
      case v1::Schedule::OVERLAP_CANCEL_OTHER:
        if (due_.running_operation) {
          absl::Status status = db::CancelOperation(connection_, *due_.running_operation,
                                                    ErrorBytes(CancelledOperation()));
          if (!status.ok()) return status;
        }
        return Begin(due_us);
      default:
        // Several that are caught up wait for each other.
        return Note(due_us, begun_ > 0 ? v1::ScheduleRun::OUTCOME_WAITING
                                       : v1::ScheduleRun::OUTCOME_OVERLAPPED);
    }
  }

  absl::Status Begin(int64_t due_us) {
    v1::StartRescoreRequest request;
    const db::Schedule& row = due_.schedule;
    request.set_scope(schedule_.scope().empty() ? SiteResource(row.site_slug) : schedule_.scope());
    *request.mutable_end_time() = TimeUtil::MicrosecondsToTimestamp(due_us);
    if (schedule_.period_s() > 0) {
      *request.mutable_start_time() =
          TimeUtil::MicrosecondsToTimestamp(due_us - schedule_.period_s() * 1'000'000);
    }
    *request.mutable_plan() = schedule_.plan();
    request.set_description(schedule_.display_name());
    absl::StatusOr<db::Operation> operation = absl::UnknownError("not begun");
    // What it refuses is undone without what was noted before.
    const absl::Status status = db::InTransaction(connection_, [&]() -> absl::Status {
      operation = BeginRescore(connection_, request, ScheduleResource(row.site_slug, row.slug),
                               row.schedule_id);
      return operation.status();
    });
    db::ScheduleRun run{.due_us = due_us, .start_us = due_.now_us};
    if (!status.ok()) {
      if (!connection_.healthy()) return status;
      run.outcome = v1::ScheduleRun::OUTCOME_FAILED;
      run.problem = std::string(status.message());
      return db::PutScheduleRun(connection_, row.schedule_id, run);
    }
    run.outcome = v1::ScheduleRun::OUTCOME_STARTED;
    run.operation_id = operation->id;
    busy_ = true;
    ++begun_;
    return db::PutScheduleRun(connection_, row.schedule_id, run);
  }

  absl::Status Note(int64_t due_us, v1::ScheduleRun::Outcome outcome) {
    return db::PutScheduleRun(connection_, due_.schedule.schedule_id,
                              {.due_us = due_us, .outcome = outcome});
  }

  db::Connection& connection_;
  const db::DueSchedule& due_;
  const v1::Schedule& schedule_;
  bool busy_;  // a run is under way
  int begun_ = 0;
};

// One schedule in a transaction; nothing where none is due.
absl::StatusOr<std::optional<int>> TakeOne(db::Connection& connection) {
  std::optional<int> begun;
  const absl::Status status = db::InTransaction(connection, [&]() -> absl::Status {
    const absl::StatusOr<std::optional<db::DueSchedule>> due = db::TakeDueSchedule(connection);
    if (!due.ok()) return due.status();
    if (!*due) return absl::OkStatus();
    const absl::StatusOr<v1::Schedule> schedule = MessageOf((*due)->schedule);
    if (!schedule.ok()) return schedule.status();
    const absl::StatusOr<int> count = Turn(connection, **due, *schedule).Take();
    if (!count.ok()) return count.status();
    begun = *count;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return begun;
}

}  // namespace

bool ScheduleClock::Tick() {
  if (!db::Reconnect(conninfo_, connection_).ok()) return false;
  const absl::StatusOr<int> begun = BeginDueRescores(*connection_);
  // A database that is away is told of by Maintenance.
  if (!begun.ok() && connection_->healthy()) {
    LogError("schedules could not be looked after",
             {{"reason", std::string(begun.status().message())}});
  }
  return begun.ok() && *begun > 0;
}

absl::StatusOr<int> BeginDueRescores(db::Connection& connection) {
  int begun = 0;
  for (;;) {
    const absl::StatusOr<std::optional<int>> taken = TakeOne(connection);
    if (!taken.ok()) return taken.status();
    if (!*taken) return begun;
    begun += **taken;
  }
}

}  // namespace auscult::server
