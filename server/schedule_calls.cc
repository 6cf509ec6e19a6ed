#include "server/schedule_calls.h"

#include <limits>
#include <string>

#include "absl/strings/numbers.h"
#include "db/plant_store.h"
#include "db/schedule_store.h"
#include "server/concat.h"
#include "server/etag.h"
#include "server/field_mask.h"
#include "server/fleet_health.h"
#include "server/model_view.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/schedule_view.h"
#include "server/scope_points.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

absl::Status Show(const db::Schedule& row, v1::Schedule& response) {
  absl::StatusOr<v1::Schedule> schedule = MessageOf(row);
  if (!schedule.ok()) return schedule.status();
  response = *std::move(schedule);
  return absl::OkStatus();
}

absl::StatusOr<db::Schedule> Find(CallScope& scope, const std::string& sent, const char* field) {
  const absl::StatusOr<ScheduleName> name = ParseScheduleName(sent, field);
  if (!name.ok()) return name.status();
  absl::StatusOr<db::Schedule> row = db::GetSchedule(scope.connection, name->site, name->schedule);
  if (!row.ok()) return FromStore(row.status(), Resource::kSchedule, sent, field);
  return row;
}

// Well-formed, and about something that is there.
absl::Status Check(CallScope& scope, const v1::Schedule& schedule, const std::string& site) {
  absl::Status status = CheckSchedule(schedule, site, "schedule");
  if (const std::string& model = schedule.plan().model(); status.ok() && !model.empty()) {
    status = FindModelVersion(scope.connection, model, "schedule.plan.model").status();
  }
  if (!status.ok() || schedule.scope().empty()) return status;
  return PointsOf(scope.connection, schedule.scope(), "schedule.scope").status();
}

// The same times of the same clocks.
bool SameTimes(const v1::Schedule& a, const v1::Schedule& b) {
  return a.cron() == b.cron() && a.time_zone() == b.time_zone() && a.disabled() == b.disabled();
}

}  // namespace

absl::Status CreateSchedule(CallScope& scope, const v1::CreateScheduleRequest& request,
                            v1::Schedule& response) {
  const absl::StatusOr<std::string> site = ParseSiteName(request.parent(), false, "parent");
  if (!site.ok()) return site.status();
  if (absl::Status status = CheckId(request.schedule_id(), "schedule_id"); !status.ok()) {
    return status;
  }
  const std::string name = ScheduleResource(*site, request.schedule_id());
  return Change(scope.connection, false, [&]() -> absl::Status {
    const absl::StatusOr<db::Site> stored = db::GetSite(scope.connection, *site);
    if (!stored.ok()) {
      return FromStore(stored.status(), Resource::kSite, request.parent(), "parent");
    }
    if (absl::Status status = Check(scope, request.schedule(), *site); !status.ok()) return status;
    db::Schedule row;
    row.site_slug = *site;
    row.slug = request.schedule_id();
    row.definition = DefinitionOf(request.schedule());
    row.next_us = NextTime(request.schedule(), stored->time_zone, NowUs());
    const absl::StatusOr<db::Schedule> made = db::CreateSchedule(scope.connection, row);
    if (!made.ok()) return FromStore(made.status(), Resource::kSchedule, name, "schedule_id");
    return Show(*made, response);
  });
}

absl::Status GetSchedule(CallScope& scope, const v1::GetScheduleRequest& request,
                         v1::Schedule& response) {
  const absl::StatusOr<db::Schedule> row = Find(scope, request.name(), "name");
  return row.ok() ? Show(*row, response) : row.status();
}

absl::Status ListSchedules(CallScope& scope, const v1::ListSchedulesRequest& request,
                           v1::ListSchedulesResponse& response) {
  const absl::StatusOr<std::string> site = ParseSiteName(request.parent(), true, "parent");
  if (!site.ok()) return site.status();
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const std::string token_scope = Concat("ListSchedules ", request.parent());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 2);
  if (!cursor.ok()) return cursor.status();
  if (*site != "-") {
    absl::Status status = db::GetSite(scope.connection, *site).status();
    if (!status.ok()) return FromStore(status, Resource::kSite, request.parent(), "parent");
  }
  const auto rows = db::ListSchedules(scope.connection, *site == "-" ? "" : *site,
                                      {(*cursor)[0], (*cursor)[1]}, *page_size + 1);
  if (!rows.ok()) return rows.status();
  for (size_t i = 0; i < rows->size(); ++i) {
    if (response.schedules_size() == *page_size) {
      const db::Schedule& last = (*rows)[i - 1];
      response.set_next_page_token(MakePageToken(token_scope, {last.site_slug, last.slug}));
      break;
    }
    if (absl::Status status = Show((*rows)[i], *response.add_schedules()); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status UpdateSchedule(CallScope& scope, const v1::UpdateScheduleRequest& request,
                            v1::Schedule& response) {
  const std::string& name = request.schedule().name();
  return Change(scope.connection, false, [&]() -> absl::Status {
    const absl::StatusOr<db::Schedule> stored = Find(scope, name, "schedule.name");
    if (!stored.ok()) return stored.status();
    v1::Schedule before;
    absl::Status status = Show(*stored, before);
    if (status.ok()) {
      status = CheckEtag(request.schedule().etag(), before.etag(), name, "schedule.etag");
    }
    v1::Schedule schedule = before;
    if (status.ok()) status = ApplyUpdate(request.schedule(), request.update_mask(), schedule);
    if (status.ok()) status = Check(scope, schedule, stored->site_slug);
    if (!status.ok()) return status;
    db::Schedule row = *stored;
    row.definition = DefinitionOf(schedule);
    if (!SameTimes(before, schedule)) {
      row.next_us = NextTime(schedule, stored->site_time_zone, NowUs());
    }
    const auto updated = db::UpdateSchedule(scope.connection, row, stored->revision);
    if (!updated.ok()) {
      return FromStore(updated.status(), Resource::kSchedule, name, "schedule.name");
    }
    return Show(*updated, response);
  });
}

absl::Status DeleteSchedule(CallScope& scope, const v1::DeleteScheduleRequest& request,
                            google::protobuf::Empty&) {
  return Change(scope.connection, false, [&]() -> absl::Status {
    const absl::StatusOr<db::Schedule> row = Find(scope, request.name(), "name");
    if (!row.ok()) return row.status();
    return FromStore(db::DeleteSchedule(scope.connection, *row), Resource::kSchedule,
                     request.name(), "name");
  });
}

absl::Status ListScheduleRuns(CallScope& scope, const v1::ListScheduleRunsRequest& request,
                              v1::ListScheduleRunsResponse& response) {
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const std::string token_scope = Concat("ListScheduleRuns ", request.parent());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 1);
  if (!cursor.ok()) return cursor.status();
  const absl::StatusOr<db::Schedule> schedule = Find(scope, request.parent(), "parent");
  if (!schedule.ok()) return schedule.status();
  int64_t before_us = std::numeric_limits<int64_t>::max();
  // The token is sealed, so this is a number as it was written.
  if (!cursor->front().empty()) (void)absl::SimpleAtoi(cursor->front(), &before_us);
  const auto rows =
      db::ListScheduleRuns(scope.connection, schedule->schedule_id, before_us, *page_size + 1);
  if (!rows.ok()) return rows.status();
  for (const db::ScheduleRun& row : *rows) {
    if (response.runs_size() == *page_size) {
      response.set_next_page_token(MakePageToken(token_scope, {Concat(before_us)}));
      break;
    }
    *response.add_runs() = MessageOf(row);
    before_us = row.due_us;
  }
  return absl::OkStatus();
}

}  // namespace auscult::server
