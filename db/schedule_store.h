#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// When re-scorings begin by themselves. `definition` is JSON whose meaning belongs to the server.
struct Schedule {
  int64_t schedule_id = 0;
  std::string site_slug, site_time_zone, slug, definition = "{}";
  std::optional<int64_t> next_us;  // nothing: disabled
  int64_t create_time_us = 0, update_time_us = 0, revision = 0;
};

// Creates answer ALREADY_EXISTS, or NOT_FOUND where the site is none; gets, updates and deletes
// NOT_FOUND. An expected_revision other than 0 answers ABORTED when the row has another one.
absl::StatusOr<Schedule> GetSchedule(Connection& connection, const std::string& site,
                                     const std::string& slug);
// Ordered by (site, slug), after the cursor; `site` "": of all sites.
struct ScheduleCursor {
  std::string site, slug;
};
absl::StatusOr<std::vector<Schedule>> ListSchedules(Connection& connection, const std::string& site,
                                                    const ScheduleCursor& after, int limit);
absl::StatusOr<Schedule> CreateSchedule(Connection& connection, const Schedule& schedule);
absl::StatusOr<Schedule> UpdateSchedule(Connection& connection, const Schedule& schedule,
                                        int64_t expected_revision);
absl::Status DeleteSchedule(Connection& connection, const Schedule& schedule);

// One time at which a schedule was due. Outcomes are those of auscult.v1.ScheduleRun.
struct ScheduleRun {
  int64_t due_us = 0;
  std::optional<int64_t> start_us = {};
  int outcome = 0;
  std::optional<int64_t> operation_id = {};
  std::string problem = {};
};

// Latest first, those due before `before_us`.
absl::StatusOr<std::vector<ScheduleRun>> ListScheduleRuns(Connection& connection,
                                                          int64_t schedule_id, int64_t before_us,
                                                          int limit);

// The functions below are for one server's turn, inside a transaction: a schedule that one server
// has taken is passed over by the others until that ends.
struct DueSchedule {
  Schedule schedule;
  int64_t now_us = 0;  // by the database's clock
  // Of its runs that began and whose operation is not done.
  std::optional<int64_t> running_operation;
  std::vector<int64_t> waiting_us;  // due times of runs that wait for it, oldest first
};
// One whose time has come, or whose waiting run may begin.
absl::StatusOr<std::optional<DueSchedule>> TakeDueSchedule(Connection& connection);
absl::Status SetNextTime(Connection& connection, int64_t schedule_id,
                         std::optional<int64_t> next_us);
// Notes a run, or what has become of one that waited.
absl::Status PutScheduleRun(Connection& connection, int64_t schedule_id, const ScheduleRun& run);

}  // namespace auscult::db
