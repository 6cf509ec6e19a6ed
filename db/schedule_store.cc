#include "db/schedule_store.h"

#include "db/store_status.h"

#define SCHEDULE_COLUMNS                                         \
  " schedule_id, site.slug, site.time_zone, s.slug, definition," \
  " unix_us(next_time), unix_us(s.create_time), unix_us(s.update_time), s.revision"

namespace auscult::db {
namespace {

// auscult.v1.ScheduleRun.OUTCOME_STARTED and OUTCOME_WAITING.
constexpr int kStarted = 1;
constexpr int kWaiting = 4;

std::string NameOf(const std::string& site, const std::string& slug) {
  return ResourceName({"sites", site, "schedules", slug});
}

std::optional<int64_t> IntOrNothing(const Rows& rows, int row, int column) {
  return rows.IsNull(row, column) ? std::nullopt : std::optional(rows.Int(row, column));
}

Param TimeOrNull(std::optional<int64_t> us) { return us ? TimeUs(*us) : Null(); }

Schedule ScheduleAt(const Rows& rows, int row) {
  return {.schedule_id = rows.Int(row, 0),
          .site_slug = std::string(rows.Text(row, 1)),
          .site_time_zone = std::string(rows.Text(row, 2)),
          .slug = std::string(rows.Text(row, 3)),
          .definition = std::string(rows.Text(row, 4)),
          .next_us = IntOrNothing(rows, row, 5),
          .create_time_us = rows.Int(row, 6),
          .update_time_us = rows.Int(row, 7),
          .revision = rows.Int(row, 8)};
}

}  // namespace

absl::StatusOr<Schedule> GetSchedule(Connection& connection, const std::string& site,
                                     const std::string& slug) {
  const Param values[] = {Text(site), Text(slug)};
  absl::StatusOr<Rows> rows = connection.Query("SELECT" SCHEDULE_COLUMNS
                                               " FROM schedule AS s JOIN site USING (site_id)"
                                               " WHERE site.slug = $1 AND s.slug = $2",
                                               values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuch(NameOf(site, slug));
  return ScheduleAt(*rows, 0);
}

absl::StatusOr<std::vector<Schedule>> ListSchedules(Connection& connection, const std::string& site,
                                                    const ScheduleCursor& after, int limit) {
  const Param values[] = {Text(site), Text(after.site), Text(after.slug), Int(limit)};
  absl::StatusOr<Rows> rows =
      connection.Query("SELECT" SCHEDULE_COLUMNS
                       " FROM schedule AS s JOIN site USING (site_id)"
                       " WHERE $1 IN ('', site.slug) AND (site.slug, s.slug) > ($2, $3)"
                       " ORDER BY site.slug, s.slug LIMIT $4",
                       values);
  if (!rows.ok()) return rows.status();
  std::vector<Schedule> schedules;
  for (int row = 0; row < rows->count(); ++row) schedules.push_back(ScheduleAt(*rows, row));
  return schedules;
}

absl::StatusOr<Schedule> CreateSchedule(Connection& connection, const Schedule& schedule) {
  const Param values[] = {Text(schedule.site_slug), Text(schedule.slug), Text(schedule.definition),
                          TimeOrNull(schedule.next_us)};
  absl::StatusOr<Rows> rows = connection.Query(
      "WITH made AS (INSERT INTO schedule (site_id, slug, definition, next_time)"
      "  SELECT site_id, $2, $3::jsonb, $4::timestamptz FROM site WHERE slug = $1"
      "  ON CONFLICT (site_id, slug) DO NOTHING RETURNING 1)"
      " SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM site WHERE slug = $1)",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->Int(0, 1) == 0) return NoSuch(ResourceName({"sites", schedule.site_slug}));
  if (rows->Int(0, 0) == 0) return AlreadyThere(NameOf(schedule.site_slug, schedule.slug));
  return GetSchedule(connection, schedule.site_slug, schedule.slug);
}

absl::StatusOr<Schedule> UpdateSchedule(Connection& connection, const Schedule& schedule,
                                        int64_t expected_revision) {
  const Param values[] = {Int(schedule.schedule_id), Text(schedule.definition),
                          TimeOrNull(schedule.next_us), Int(expected_revision)};
  absl::StatusOr<Rows> rows = connection.Query(
      "UPDATE schedule SET definition = $2::jsonb, next_time = $3, update_time = now(),"
      " revision = revision + 1 WHERE schedule_id = $1 AND $4::bigint IN (0, revision)",
      values);
  if (!rows.ok()) return rows.status();
  absl::StatusOr<Schedule> stored = GetSchedule(connection, schedule.site_slug, schedule.slug);
  if (!stored.ok() || rows->affected() == 1) return stored;
  return CheckRevision(NameOf(schedule.site_slug, schedule.slug), expected_revision,
                       stored->revision);
}

absl::Status DeleteSchedule(Connection& connection, const Schedule& schedule) {
  const Param values[] = {Int(schedule.schedule_id)};
  absl::StatusOr<Rows> rows =
      connection.Query("DELETE FROM schedule WHERE schedule_id = $1", values);
  if (!rows.ok()) return rows.status();
  return rows->affected() == 1 ? absl::OkStatus()
                               : NoSuch(NameOf(schedule.site_slug, schedule.slug));
}

absl::StatusOr<std::vector<ScheduleRun>> ListScheduleRuns(Connection& connection,
                                                          int64_t schedule_id, int64_t before_us,
                                                          int limit) {
  const Param values[] = {Int(schedule_id), TimeUs(before_us), Int(limit)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT unix_us(due_time), unix_us(start_time), outcome, operation_id, problem"
      " FROM schedule_run WHERE schedule_id = $1 AND due_time < $2"
      " ORDER BY due_time DESC LIMIT $3",
      values);
  if (!rows.ok()) return rows.status();
  std::vector<ScheduleRun> runs;
  for (int row = 0; row < rows->count(); ++row) {
    runs.push_back({.due_us = rows->Int(row, 0),
                    .start_us = IntOrNothing(*rows, row, 1),
                    .outcome = static_cast<int>(rows->Int(row, 2)),
                    .operation_id = IntOrNothing(*rows, row, 3),
                    .problem = std::string(rows->Text(row, 4))});
  }
  return runs;
}

absl::StatusOr<std::optional<DueSchedule>> TakeDueSchedule(Connection& connection) {
  const Param outcomes[] = {Int(kStarted), Int(kWaiting)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT" SCHEDULE_COLUMNS
      ", unix_us(clock_timestamp()), running.operation_id,"
      " ARRAY(SELECT unix_us(due_time) FROM schedule_run AS r WHERE r.schedule_id = s.schedule_id"
      "  AND outcome = $2 ORDER BY due_time)"
      " FROM schedule AS s JOIN site USING (site_id)"
      " LEFT JOIN LATERAL (SELECT o.operation_id FROM schedule_run AS r"
      "  JOIN operation AS o USING (operation_id) WHERE r.schedule_id = s.schedule_id"
      "  AND r.outcome = $1 AND o.done_time IS NULL ORDER BY 1 DESC LIMIT 1) AS running ON true"
      " WHERE next_time <= clock_timestamp() OR (running.operation_id IS NULL AND EXISTS"
      "  (SELECT FROM schedule_run AS r WHERE r.schedule_id = s.schedule_id AND outcome = $2))"
      " ORDER BY next_time LIMIT 1 FOR NO KEY UPDATE OF s SKIP LOCKED",
      outcomes);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return std::optional<DueSchedule>();
  return std::optional(DueSchedule{.schedule = ScheduleAt(*rows, 0),
                                   .now_us = rows->Int(0, 9),
                                   .running_operation = IntOrNothing(*rows, 0, 10),
                                   .waiting_us = rows->IntArray(0, 11)});
}

absl::Status SetNextTime(Connection& connection, int64_t schedule_id,
                         std::optional<int64_t> next_us) {
  const Param values[] = {Int(schedule_id), TimeOrNull(next_us)};
  return connection.Execute("UPDATE schedule SET next_time = $2 WHERE schedule_id = $1", values);
}

absl::Status PutScheduleRun(Connection& connection, int64_t schedule_id, const ScheduleRun& run) {
  const Param values[] = {Int(schedule_id),
                          TimeUs(run.due_us),
                          TimeOrNull(run.start_us),
                          Int(run.outcome),
                          run.operation_id ? Int(*run.operation_id) : Null(),
                          Text(run.problem)};
  return connection.Execute(
      "INSERT INTO schedule_run (schedule_id, site_id, due_time, start_time, outcome, operation_id,"
      " problem) SELECT schedule_id, site_id, $2, $3, $4, $5, $6 FROM schedule"
      " WHERE schedule_id = $1"
      " ON CONFLICT (schedule_id, due_time) DO UPDATE SET start_time = excluded.start_time,"
      " outcome = excluded.outcome, operation_id = excluded.operation_id,"
      " problem = excluded.problem",
      values);
}

}  // namespace auscult::db
