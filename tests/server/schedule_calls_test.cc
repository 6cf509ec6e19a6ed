#include "server/schedule_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "db/plant_store.h"
#include "google/protobuf/util/time_util.h"
#include "server/errors.h"
#include "server/schedule_clock.h"
#include "tests/db/plant_of_points.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ScheduleCalls : public ::testing::Test {
 protected:
  ScheduleCalls() {
    scope_.still_wanted = [] { return absl::OkStatus(); };
  }

  static v1::Schedule Nightly() {
    v1::Schedule schedule;
    schedule.set_cron("30 2 * * *");
    schedule.set_time_zone("Europe/Berlin");
    return schedule;
  }
  absl::Status Create(const v1::Schedule& schedule, const std::string& id = "nightly") {
    v1::CreateScheduleRequest request;
    request.set_parent(std::string("sites/s"));
    request.set_schedule_id(id);
    *request.mutable_schedule() = schedule;
    return CreateSchedule(scope_, request, schedule_);
  }
  std::string Name(const std::string& id = "nightly") const {
    return std::string("sites/s") + "/schedules/" + id;
  }
  v1::Schedule Get(const std::string& id = "nightly") {
    v1::GetScheduleRequest request;
    request.set_name(Name(id));
    v1::Schedule schedule;
    EXPECT_TRUE(GetSchedule(scope_, request, schedule).ok());
    return schedule;
  }
  // As if it had last been looked at so long ago.
  void ComeDue(const std::string& ago) {
    const db::Param values[] = {db::Text(ago)};
    ASSERT_TRUE(plant_.connection()
                    .Execute("UPDATE schedule SET next_time = now() - $1::interval", values)
                    .ok());
  }
  // As if the operations that began had ended.
  void EndOperations() {
    ASSERT_TRUE(plant_.connection()
                    .Execute("UPDATE operation SET done_time = now(), response = '\\x00'")
                    .ok());
  }
  int Begin() {
    const absl::StatusOr<int> begun = BeginDueRescores(plant_.connection());
    EXPECT_TRUE(begun.ok()) << begun.status();
    return begun.value_or(-1);
  }
  // Latest first.
  std::vector<v1::ScheduleRun::Outcome> Outcomes(const std::string& id = "nightly") {
    v1::ListScheduleRunsRequest request;
    request.set_parent(Name(id));
    v1::ListScheduleRunsResponse response;
    EXPECT_TRUE(ListScheduleRuns(scope_, request, response).ok());
    std::vector<v1::ScheduleRun::Outcome> outcomes;
    for (const v1::ScheduleRun& run : response.runs()) outcomes.push_back(run.outcome());
    return outcomes;
  }

  db::PlantOfPoints plant_{2};
  CallScope scope_{plant_.connection(), nullptr};
  v1::Schedule schedule_;
};

TEST_F(ScheduleCalls, RefuseWhatCannotRun) {
  const auto refused = [&](const v1::Schedule& schedule, const char* reason) {
    const absl::Status status = Create(schedule);
    EXPECT_EQ(ReasonOf(status), reason) << status;
  };
  v1::Schedule wrong = Nightly();
  wrong.set_cron("61 * * * *");
  refused(wrong, "BAD_CRON");
  wrong = Nightly();
  wrong.set_time_zone("Europe/Atlantis");
  refused(wrong, "UNKNOWN_TIME_ZONE");
  wrong = Nightly();
  wrong.set_scope("sites/elsewhere");
  refused(wrong, "SCOPE_OUTSIDE_SITE");
  wrong.set_scope(std::string("sites/s") + "/assets/none");
  refused(wrong, "UNKNOWN_ASSET");
  wrong = Nightly();
  wrong.set_period_s(-1);
  refused(wrong, "OUT_OF_RANGE");
  wrong = Nightly();
  wrong.mutable_plan()->set_model("models/diagnosis/versions/99");
  EXPECT_FALSE(Create(wrong).ok());
  ASSERT_TRUE(Create(Nightly()).ok());
  refused(Nightly(), "SCHEDULE_EXISTS");
}

TEST_F(ScheduleCalls, MakeChangeAndDeleteASchedule) {
  ASSERT_TRUE(Create(Nightly()).ok());
  EXPECT_EQ(schedule_.name(), Name());
  EXPECT_EQ(schedule_.cron(), "30 2 * * *");
  EXPECT_GT(schedule_.next_time(), TimeUtil::GetCurrentTime());
  v1::UpdateScheduleRequest update;
  update.mutable_schedule()->set_name(Name());
  update.mutable_schedule()->set_disabled(true);
  update.mutable_update_mask()->add_paths("disabled");
  update.mutable_schedule()->set_etag("\"another\"");
  v1::Schedule updated;
  EXPECT_EQ(ReasonOf(UpdateSchedule(scope_, update, updated)), "ETAG_MISMATCH");
  update.mutable_schedule()->set_etag(schedule_.etag());
  ASSERT_TRUE(UpdateSchedule(scope_, update, updated).ok());
  EXPECT_FALSE(updated.has_next_time());
  EXPECT_EQ(updated.cron(), "30 2 * * *");
  EXPECT_EQ(Begin(), 0);

  v1::ListSchedulesRequest list;
  list.set_parent("sites/-");
  v1::ListSchedulesResponse all;
  ASSERT_TRUE(ListSchedules(scope_, list, all).ok());
  ASSERT_EQ(all.schedules_size(), 1);
  EXPECT_EQ(all.schedules(0).etag(), updated.etag());

  v1::DeleteScheduleRequest gone;
  gone.set_name(Name());
  google::protobuf::Empty empty;
  ASSERT_TRUE(DeleteSchedule(scope_, gone, empty).ok());
  EXPECT_EQ(ReasonOf(DeleteSchedule(scope_, gone, empty)), "UNKNOWN_SCHEDULE");
}

TEST_F(ScheduleCalls, AreListedByThePage) {
  for (const char* id : {"c", "a", "b"}) ASSERT_TRUE(Create(Nightly(), id).ok());
  v1::ListSchedulesRequest list;
  list.set_parent(std::string("sites/s"));
  list.set_page_size(2);
  v1::ListSchedulesResponse first, second;
  ASSERT_TRUE(ListSchedules(scope_, list, first).ok());
  list.set_page_token(first.next_page_token());
  ASSERT_TRUE(ListSchedules(scope_, list, second).ok());
  ASSERT_EQ(first.schedules_size(), 2);
  ASSERT_EQ(second.schedules_size(), 1);
  EXPECT_EQ(first.schedules(0).name(), Name("a"));
  EXPECT_EQ(second.schedules(0).name(), Name("c"));
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(ScheduleCalls, BeginOnceWhoeverAsks) {
  ASSERT_TRUE(Create(Nightly()).ok());
  EXPECT_EQ(Begin(), 0);
  ComeDue("1 second");
  EXPECT_EQ(Begin(), 1);
  EXPECT_EQ(Begin(), 0);
  EXPECT_THAT(Outcomes(), ElementsAre(v1::ScheduleRun::OUTCOME_STARTED));
  EXPECT_GT(Get().next_time(), TimeUtil::GetCurrentTime());
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM operation WHERE kind = 'rescore'"), 1);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM rescore WHERE schedule_id IS NOT NULL"), 1);
  EXPECT_EQ(
      plant_.Count("SELECT count(*) FROM operation WHERE actor = 'sites/s/schedules/nightly'"), 1);
}

TEST_F(ScheduleCalls, RunOnceForAllThatWasMissed) {
  ASSERT_TRUE(Create(Nightly()).ok());
  ComeDue("3 days");
  EXPECT_EQ(Begin(), 1);
  const auto outcomes = Outcomes();
  ASSERT_GE(outcomes.size(), 3u);
  EXPECT_EQ(outcomes[0], v1::ScheduleRun::OUTCOME_STARTED);
  for (size_t i = 1; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i], v1::ScheduleRun::OUTCOME_MISSED);
  }
}

TEST_F(ScheduleCalls, PassOverWhatWasMissedOrCatchUpOnEach) {
  v1::Schedule hourly = Nightly();
  hourly.set_cron("0 * * * *");
  hourly.set_catch_up(v1::Schedule::CATCH_UP_SKIP);
  ASSERT_TRUE(Create(hourly, "skip").ok());
  ComeDue("2 hours");
  EXPECT_LE(Begin(), 1);  // the present hour may have begun within the last minutes
  EXPECT_EQ(Outcomes("skip").back(), v1::ScheduleRun::OUTCOME_MISSED);
  v1::DeleteScheduleRequest gone;
  gone.set_name(Name("skip"));
  google::protobuf::Empty empty;
  ASSERT_TRUE(DeleteSchedule(scope_, gone, empty).ok());

  hourly.set_catch_up(v1::Schedule::CATCH_UP_EACH);
  ASSERT_TRUE(Create(hourly, "each").ok());
  ComeDue("2 hours");
  EXPECT_EQ(Begin(), 1);
  const size_t count = Outcomes("each").size();
  ASSERT_GE(count, 2u);
  EXPECT_EQ(Outcomes("each").back(), v1::ScheduleRun::OUTCOME_STARTED);
  EXPECT_EQ(Outcomes("each").front(), v1::ScheduleRun::OUTCOME_WAITING);
  EXPECT_EQ(Begin(), 0);
  for (size_t i = 1; i < count; ++i) {
    EndOperations();
    EXPECT_EQ(Begin(), 1);
  }
  EndOperations();
  EXPECT_EQ(Begin(), 0);
  EXPECT_EQ(Outcomes("each").front(), v1::ScheduleRun::OUTCOME_STARTED);
}

TEST_F(ScheduleCalls, DoWhatWasAskedForWhereTheOneBeforeIsStillRunning) {
  v1::Schedule schedule = Nightly();
  ASSERT_TRUE(Create(schedule, "skip").ok());
  schedule.set_overlap(v1::Schedule::OVERLAP_WAIT);
  ASSERT_TRUE(Create(schedule, "wait").ok());
  schedule.set_overlap(v1::Schedule::OVERLAP_CANCEL_OTHER);
  ASSERT_TRUE(Create(schedule, "cancel").ok());
  ComeDue("2 seconds");
  EXPECT_EQ(Begin(), 3);
  ComeDue("1 second");
  EXPECT_EQ(Begin(), 1);
  EXPECT_EQ(Outcomes("skip").front(), v1::ScheduleRun::OUTCOME_OVERLAPPED);
  EXPECT_EQ(Outcomes("wait").front(), v1::ScheduleRun::OUTCOME_WAITING);
  EXPECT_EQ(Outcomes("cancel").front(), v1::ScheduleRun::OUTCOME_STARTED);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM operation WHERE done_time IS NOT NULL"), 1);
  EXPECT_EQ(Begin(), 0);
  EndOperations();
  EXPECT_EQ(Begin(), 1);
  EXPECT_EQ(Outcomes("wait").front(), v1::ScheduleRun::OUTCOME_STARTED);
}

TEST_F(ScheduleCalls, NoteWhyARunCouldNotBegin) {
  v1::Schedule schedule = Nightly();
  ASSERT_TRUE(Create(schedule).ok());
  // The model was deleted since.
  ASSERT_TRUE(plant_.connection()
                  .Execute("UPDATE schedule SET definition = jsonb_set(definition, '{plan}',"
                           " '{\"model\": \"models/diagnosis/versions/99\"}')")
                  .ok());
  ComeDue("1 second");
  EXPECT_EQ(Begin(), 0);
  EXPECT_THAT(Outcomes(), ElementsAre(v1::ScheduleRun::OUTCOME_FAILED));
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM schedule_run WHERE problem LIKE '%versions/99%'"),
            1);
  EXPECT_EQ(plant_.Count("SELECT count(*) FROM operation"), 0);
}

}  // namespace
}  // namespace auscult::server
