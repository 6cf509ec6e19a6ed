#include "server/schedule_view.h"

#include <string>

#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/cron.h"
#include "server/etag.h"
#include "server/names.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/rescore_calls.h"
#include "server/rescore_view.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

// Longer than any machine runs.
constexpr int64_t kLongestPeriod = 100LL * 366 * 86400;

}  // namespace

absl::StatusOr<v1::Schedule> MessageOf(const db::Schedule& row) {
  v1::Schedule schedule;
  const std::string name = ScheduleResource(row.site_slug, row.slug);
  if (absl::Status status = ReadStoredJson(row.definition, name, schedule); !status.ok()) {
    return status;
  }
  schedule.set_name(name);
  if (row.next_us) {
    *schedule.mutable_next_time() = TimeUtil::MicrosecondsToTimestamp(*row.next_us);
  }
  *schedule.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(row.create_time_us);
  *schedule.mutable_update_time() = TimeUtil::MicrosecondsToTimestamp(row.update_time_us);
  schedule.set_etag(MakeEtag(row.schedule_id, row.revision));
  return schedule;
}

std::string DefinitionOf(const v1::Schedule& schedule) {
  v1::Schedule definition = schedule;
  definition.clear_name();
  definition.clear_next_time();
  definition.clear_create_time();
  definition.clear_update_time();
  definition.clear_etag();
  return StoredJson(definition);
}

v1::ScheduleRun MessageOf(const db::ScheduleRun& row) {
  v1::ScheduleRun run;
  *run.mutable_due_time() = TimeUtil::MicrosecondsToTimestamp(row.due_us);
  if (row.start_us) *run.mutable_start_time() = TimeUtil::MicrosecondsToTimestamp(*row.start_us);
  run.set_outcome(static_cast<v1::ScheduleRun::Outcome>(row.outcome));
  if (row.operation_id) run.set_rescore(RescoreResource(*row.operation_id));
  run.set_problem(row.problem);
  return run;
}

absl::Status CheckSchedule(const v1::Schedule& schedule, std::string_view site,
                           const std::string& field) {
  absl::Status status = CheckText(schedule.display_name(), field + ".display_name");
  if (!status.ok()) return status;
  const absl::StatusOr<CronExpression> cron = CronExpression::Parse(schedule.cron());
  if (!cron.ok()) {
    return BadField("BAD_CRON", field + ".cron", std::string(cron.status().message()),
                    "write minute, hour, day of month, month and day of week, as in \"30 2 * * *\" "
                    "for half past two every night");
  }
  status = CheckTimeZone(schedule.time_zone(), field + ".time_zone");
  if (!status.ok()) return status;
  const std::string home = SiteResource(site);
  if (!schedule.scope().empty() && schedule.scope() != home &&
      !schedule.scope().starts_with(home + "/")) {
    return BadField("SCOPE_OUTSIDE_SITE", field + ".scope",
                    Concat(Quoted(schedule.scope()), " does not belong to ", home),
                    Concat("name ", home, " or an asset or point of it"));
  }
  if (schedule.period_s() < 0 || schedule.period_s() > kLongestPeriod) {
    return BadField("OUT_OF_RANGE", field + ".period_s",
                    Concat("a period of ", schedule.period_s(), " s is not possible"),
                    "send the seconds that each run goes back; 0 goes back to the first record");
  }
  if (!v1::Schedule::CatchUp_IsValid(schedule.catch_up()) ||
      !v1::Schedule::Overlap_IsValid(schedule.overlap())) {
    return BadField("UNKNOWN_VALUE", field, "catch_up or overlap has a value that is not known",
                    "use the values of this release, or leave them out");
  }
  return CheckPlan(schedule.plan(), field + ".plan");
}

absl::TimeZone ZoneOf(const v1::Schedule& schedule, const std::string& site_time_zone) {
  const std::string& own = schedule.time_zone();
  absl::TimeZone zone = absl::UTCTimeZone();
  // A zone that the machine's data no longer know leaves UTC.
  (void)absl::LoadTimeZone(own.empty() ? site_time_zone : own, &zone);
  return zone;
}

std::optional<int64_t> NextTime(const v1::Schedule& schedule, const std::string& site_time_zone,
                                int64_t after_us) {
  const absl::StatusOr<CronExpression> cron = CronExpression::Parse(schedule.cron());
  if (schedule.disabled() || !cron.ok()) return std::nullopt;
  return absl::ToUnixMicros(
      cron->Next(absl::FromUnixMicros(after_us), ZoneOf(schedule, site_time_zone)));
}

}  // namespace auscult::server
