#include "server/alarm_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "tests/server/alarm_server.h"

namespace auscult::server {
namespace {

using grpc::StatusCode;
using models::CaseKind;
using models::Condition;
using models::Fault;
using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST_F(Alarms, AreShownWorstFirstWithWhatIsKnownOfThem) {
  Say("a", "de", Condition::kAlert, Fault::kInnerRace);
  Say("b", "de", Condition::kAlarm, Fault::kUnbalance);
  Say("b", "nde", Condition::kAlert, Fault::kUnbalance);
  Say("a", "nde", Condition::kAlert, Fault::kOther, CaseKind::kSensor);
  const std::vector<v1::Alarm> all = List();
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].asset(), "sites/b/assets/pump");
  EXPECT_EQ(all[0].condition(), v1::CONDITION_ALARM);
  EXPECT_EQ(all[0].fault(), v1::FAULT_UNBALANCE);
  EXPECT_THAT(all[0].points(),
              ElementsAre("sites/b/assets/pump/points/de", "sites/b/assets/pump/points/nde"));
  EXPECT_EQ(all[1].kind(), v1::ALARM_KIND_SENSOR) << "the latest of the alerts";
  EXPECT_EQ(all[1].fault(), v1::FAULT_UNSPECIFIED);
  EXPECT_EQ(all[2].open_time().seconds(), kCasesFromUs / 1'000'000 + 3600);
  ASSERT_EQ(all[2].evidence_size(), 1);
  EXPECT_EQ(all[2].evidence(0).text(), "a line at 162 Hz");
  EXPECT_TRUE(all[2].notes().empty());
  EXPECT_THAT(List("parent: 'sites/a'"), SizeIs(2));
  EXPECT_THAT(List("parent: 'sites/a' kinds: ALARM_KIND_SENSOR kinds: ALARM_KIND_PROCESS"),
              SizeIs(1));
  EXPECT_THAT(List("parent: 'sites/-' asset: 'sites/b/assets/pump'"), SizeIs(1));
  EXPECT_THAT(List("parent: 'sites/-' end_time { seconds: 1790003601 }"), SizeIs(1));
  EXPECT_THAT(List("parent: 'sites/-' start_time { seconds: 1790003601 }"), SizeIs(2));

  const v1::Alarm alarm = Get(all[2].name());
  ASSERT_EQ(alarm.notes_size(), 1);
  EXPECT_EQ(alarm.notes(0).action(), "opened");
  EXPECT_NE(alarm.recommended_action(), "");
  EXPECT_NE(Get(all[2].name(), "zh").recommended_action(), alarm.recommended_action());

  v1::GetAssetRequest asset;
  asset.set_name("sites/a/assets/pump");
  v1::Asset shown;
  ASSERT_TRUE(Call(&Stub::GetAsset, asset, shown).ok());
  EXPECT_EQ(shown.health().open_alarm_count(), 2);
}

TEST_F(Alarms, ComePageByPage) {
  for (int fault = 1; fault <= 7; ++fault) {
    Say("a", "de", Condition::kAlert, static_cast<Fault>(fault));
  }
  v1::ListAlarmsRequest request;
  request.set_parent("sites/a");
  request.set_page_size(3);
  std::vector<int> faults;
  v1::ListAlarmsResponse page;
  do {
    ASSERT_TRUE(Ask(&AlarmStub::ListAlarms, request, page).ok());
    for (const v1::Alarm& alarm : page.alarms()) faults.push_back(alarm.fault() - 1);
    request.set_page_token(page.next_page_token());
    EXPECT_LE(page.alarms_size(), 3);
  } while (!page.next_page_token().empty());
  EXPECT_THAT(faults, ElementsAre(7, 6, 5, 4, 3, 2, 1));
}

TEST_F(Alarms, AreHandledByPeople) {
  Say("a", "de", Condition::kAlert, Fault::kGear);
  const std::string name = List()[0].name();
  ASSERT_TRUE(Do(&AlarmStub::AcknowledgeAlarm, name, "comment: 'seen'").ok());
  EXPECT_EQ(changed_.acknowledged_by(), "kim");
  const auto first = changed_.acknowledge_time();
  EXPECT_GT(first.seconds(), 1'600'000'000);
  auto again = Parsed<v1::AcknowledgeAlarmRequest>("actor: 'lee'");
  again.set_name(name);
  ASSERT_TRUE(Ask(&AlarmStub::AcknowledgeAlarm, again, changed_).ok());
  EXPECT_EQ(changed_.acknowledged_by(), "kim") << "who saw it first saw it";
  ASSERT_TRUE(Do(&AlarmStub::AssignAlarm, name, "assignee: 'lee'").ok());
  ASSERT_TRUE(Do(&AlarmStub::CommentAlarm, name, "comment: 'two\\nlines'").ok());
  ASSERT_TRUE(Do(&AlarmStub::CloseAlarm, name,
                 "finding: FINDING_CONFIRMED work_order: 'WO-1' comment: 'tooth'")
                  .ok());
  EXPECT_EQ(changed_.found_fault(), v1::FAULT_GEAR) << "what was confirmed is what was named";
  EXPECT_THAT(List(), SizeIs(0));
  const v1::Alarm closed = Get(name);
  EXPECT_EQ(closed.etag(), changed_.etag());
  EXPECT_EQ(closed.finding(), v1::FINDING_CONFIRMED);
  EXPECT_EQ(closed.work_order(), "WO-1");
  EXPECT_EQ(closed.assignee(), "lee");
  EXPECT_THAT(closed.points(), ElementsAre("sites/a/assets/pump/points/de"));
  std::vector<std::string> notes;
  for (const v1::AlarmNote& note : closed.notes())
    notes.push_back(note.action() + " " + note.text());
  EXPECT_THAT(notes,
              ElementsAre("opened because", "acknowledged seen", "acknowledged ", "assigned to lee",
                          "commented two\nlines", "closed confirmed: tooth"));
  // The point asks for it still, and must not open another.
  Say("a", "de", Condition::kAlert, Fault::kGear);
  EXPECT_THAT(List(), SizeIs(0));
  Say("a", "de", Condition::kAlarm, Fault::kGear);
  EXPECT_THAT(List(), SizeIs(1)) << "it got worse";
}

TEST_F(Alarms, ThatRecoveredTakeTheirFindingLater) {
  Say("a", "de", Condition::kAlarm, Fault::kLooseness);
  Say("a", "de", Condition::kNormal);
  const auto waiting = List("parent: 'sites/a' state: STATE_WITHOUT_FINDING");
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].condition(), v1::CONDITION_NORMAL);
  const std::string& name = waiting[0].name();
  ExpectRefused(Do(&AlarmStub::AcknowledgeAlarm, name), StatusCode::FAILED_PRECONDITION,
                "ALARM_CLOSED");
  ExpectRefused(Do(&AlarmStub::ShelveAlarm, name), StatusCode::FAILED_PRECONDITION, "ALARM_CLOSED");
  ASSERT_TRUE(Do(&AlarmStub::CloseAlarm, name,
                 "finding: FINDING_OTHER_CAUSE found_fault: FAULT_MISALIGNMENT")
                  .ok());
  EXPECT_EQ(changed_.close_time().seconds(), waiting[0].close_time().seconds());
  EXPECT_EQ(changed_.found_fault(), v1::FAULT_MISALIGNMENT);
  EXPECT_THAT(List("parent: 'sites/a' state: STATE_WITHOUT_FINDING"), SizeIs(0));
  EXPECT_THAT(List("parent: 'sites/a' state: STATE_CLOSED"), SizeIs(1));
}

TEST_F(Alarms, AreShelvedUntilTheyGetWorse) {
  Say("a", "de", Condition::kAlert, Fault::kGear);
  const std::string name = List()[0].name();
  ASSERT_TRUE(Do(&AlarmStub::ShelveAlarm, name, "until { seconds: 4000000000 }").ok());
  EXPECT_THAT(List(), SizeIs(0));
  EXPECT_THAT(List("parent: 'sites/a' state: STATE_SHELVED"), SizeIs(1));
  ASSERT_TRUE(Do(&AlarmStub::ShelveAlarm, name).ok());
  EXPECT_THAT(List(), SizeIs(1)) << "unshelved";
  ASSERT_TRUE(Do(&AlarmStub::ShelveAlarm, name, "until { seconds: 4000000000 }").ok());
  Say("a", "nde", Condition::kAlert, Fault::kGear);
  EXPECT_THAT(List(), SizeIs(0)) << "no worse";
  Say("a", "nde", Condition::kAlarm, Fault::kGear);
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_FALSE(List()[0].has_shelved_until());
  ASSERT_TRUE(Do(&AlarmStub::ShelveAlarm, name, "until { seconds: 1000 }").ok());
  EXPECT_THAT(List(), SizeIs(1)) << "until a time that has passed";
}

TEST_F(Alarms, AreChangedByOneAtATime) {
  Say("a", "de", Condition::kAlert, Fault::kGear);
  const v1::Alarm alarm = List()[0];
  const std::string etag = "etag: '" + alarm.etag() + "' ";
  std::vector<std::future<StatusCode>> codes;
  for (int i = 0; i < 4; ++i) {
    codes.push_back(std::async(std::launch::async, [&, i] {
      grpc::ClientContext context;
      v1::Alarm changed;
      if (i % 2 == 0) {
        auto request = Parsed<v1::AcknowledgeAlarmRequest>(etag);
        request.set_name(alarm.name());
        return alarms_->AcknowledgeAlarm(&context, request, &changed).error_code();
      }
      auto request = Parsed<v1::CloseAlarmRequest>(etag + "finding: FINDING_FALSE_ALARM");
      request.set_name(alarm.name());
      return alarms_->CloseAlarm(&context, request, &changed).error_code();
    }));
  }
  int done = 0, refused = 0;
  for (std::future<StatusCode>& code : codes) {
    const StatusCode got = code.get();
    done += got == StatusCode::OK;
    refused += got == StatusCode::ABORTED;
  }
  EXPECT_EQ(done, 1);
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(Get(alarm.name()).notes_size(), 2);
}

TEST_F(Alarms, RefuseWithTheFieldToBlame) {
  Say("a", "de", Condition::kAlert, Fault::kGear);
  const std::string name = List()[0].name();
  ExpectRefused(Do(&AlarmStub::AcknowledgeAlarm, "sites/a/alarms/999999"), StatusCode::NOT_FOUND,
                "UNKNOWN_ALARM", "name");
  std::string elsewhere = name;
  elsewhere.replace(0, 7, "sites/b");
  ExpectRefused(Do(&AlarmStub::AcknowledgeAlarm, elsewhere), StatusCode::NOT_FOUND, "UNKNOWN_ALARM",
                "name");
  for (const char* malformed : {"", "sites/a", "sites/a/alarms/x", "sites/a/alarms/1/x"}) {
    ExpectRefused(Do(&AlarmStub::AcknowledgeAlarm, malformed), StatusCode::INVALID_ARGUMENT,
                  "MALFORMED_NAME", "name");
  }
  ExpectRefused(Do(&AlarmStub::AcknowledgeAlarm, name, "etag: 'x'"), StatusCode::ABORTED,
                "ETAG_MISMATCH", "etag");
  ExpectRefused(Do(&AlarmStub::CommentAlarm, name), StatusCode::INVALID_ARGUMENT, "MISSING_FIELD",
                "comment");
  ExpectRefused(Do(&AlarmStub::CommentAlarm, name, "comment: '" + std::string(4001, 'x') + "'"),
                StatusCode::INVALID_ARGUMENT, "TEXT_TOO_LONG", "comment");
  ExpectRefused(Do(&AlarmStub::AssignAlarm, name, "assignee: 'a\\nb'"),
                StatusCode::INVALID_ARGUMENT, "CONTROL_CHARACTER", "assignee");
  ExpectRefused(Do(&AlarmStub::CloseAlarm, name), StatusCode::INVALID_ARGUMENT, "BAD_FINDING",
                "finding");
  ExpectRefused(
      Do(&AlarmStub::CloseAlarm, name, "finding: FINDING_CONFIRMED found_fault: FAULT_ABSTAIN"),
      StatusCode::INVALID_ARGUMENT, "BAD_FAULT", "found_fault");
  ExpectRefused(Do(&AlarmStub::ShelveAlarm, name, "until { nanos: -1 }"),
                StatusCode::INVALID_ARGUMENT, "BAD_TIME", "until");
  struct Case {
    const char *request, *reason, *field;
    StatusCode code = StatusCode::INVALID_ARGUMENT;
  };
  for (const auto& [text, reason, field, code] :
       {Case{"parent: 'x'", "MALFORMED_NAME", "parent"},
        Case{"parent: 'sites/x'", "UNKNOWN_SITE", "parent", StatusCode::NOT_FOUND},
        Case{"parent: 'sites/-' asset: 'sites/a/assets/x'", "UNKNOWN_ASSET", "asset",
             StatusCode::NOT_FOUND},
        Case{"parent: 'sites/a' asset: 'sites/b/assets/pump'", "OTHER_SITE", "asset"},
        Case{"parent: 'sites/a' kinds: 9", "UNKNOWN_KIND", "kinds"},
        Case{"parent: 'sites/a' state: 9", "UNKNOWN_STATE", "state"},
        Case{"parent: 'sites/a' language_code: 'xx'", "UNKNOWN_LANGUAGE", "language_code"},
        Case{"parent: 'sites/a' page_token: 'x'", "BAD_PAGE_TOKEN", "page_token"},
        Case{"parent: 'sites/a' page_size: -1", "BAD_PAGE_SIZE", "page_size"}}) {
    SCOPED_TRACE(text);
    v1::ListAlarmsResponse response;
    ExpectRefused(Ask(&AlarmStub::ListAlarms, Parsed<v1::ListAlarmsRequest>(text), response), code,
                  reason, field);
  }
}

TEST_F(Alarms, AreCountedByTheirFindings) {
  const char* findings[] = {"finding: FINDING_CONFIRMED", "finding: FINDING_CONFIRMED",
                            "finding: FINDING_FALSE_ALARM", "finding: FINDING_OTHER_CAUSE"};
  for (const char* finding : findings) {
    Say("a", "de", Condition::kAlert, Fault::kGear);
    const std::string name = List()[0].name();
    ASSERT_TRUE(Do(&AlarmStub::AcknowledgeAlarm, name).ok());
    Say("a", "de", Condition::kNormal);
    ASSERT_TRUE(Do(&AlarmStub::CloseAlarm, name, finding).ok());
  }
  Say("a", "de", Condition::kAlert, Fault::kGear);
  Say("a", "de", Condition::kNormal);
  Say("a", "de", Condition::kAlert, Fault::kBall);
  Say("a", "de", Condition::kAlert, Fault::kOther, CaseKind::kSensor);
  v1::AlarmStatistics statistics;
  ASSERT_TRUE(Ask(&AlarmStub::GetAlarmStatistics,
                  Parsed<v1::GetAlarmStatisticsRequest>(
                      "parent: 'sites/a' start_time { seconds: 1790000000 }"
                      " end_time { seconds: 1791209600 }"),
                  statistics)
                  .ok());
  EXPECT_EQ(statistics.opened_count(), 6);
  EXPECT_EQ(statistics.open_count(), 1);
  EXPECT_EQ(statistics.confirmed_count(), 2);
  EXPECT_EQ(statistics.false_count(), 1);
  EXPECT_EQ(statistics.other_cause_count(), 1);
  EXPECT_EQ(statistics.without_finding_count(), 1);
  EXPECT_FLOAT_EQ(statistics.precision(), 0.75f);
  EXPECT_FLOAT_EQ(statistics.named_precision(), 0.5f);
  EXPECT_EQ(statistics.median_lead_time().seconds(), 3600);
  EXPECT_TRUE(statistics.has_median_acknowledge_time());
  EXPECT_FLOAT_EQ(statistics.opened_per_week(), 3);
  EXPECT_FALSE(statistics.has_alarm_budget_per_week());
  EXPECT_FLOAT_EQ(statistics.false_alarms_per_point_year(), 0.1f);
  EXPECT_EQ(statistics.point_count(), 2);

  ASSERT_TRUE(Ask(&AlarmStub::GetAlarmStatistics,
                  Parsed<v1::GetAlarmStatisticsRequest>("parent: 'sites/b'"), statistics)
                  .ok());
  EXPECT_EQ(statistics.opened_count(), 0);
  EXPECT_FALSE(statistics.has_precision());
  ExpectRefused(Ask(&AlarmStub::GetAlarmStatistics,
                    Parsed<v1::GetAlarmStatisticsRequest>("parent: 'sites/x'"), statistics),
                StatusCode::NOT_FOUND, "UNKNOWN_SITE", "parent");
}

TEST_F(Alarms, ShareTheBudgetOfTheirSite) {
  v1::UpdateSiteRequest update;
  update.mutable_site()->set_name("sites/a");
  update.mutable_site()->set_alarm_budget_per_week(0.001f);
  v1::Site site;
  ExpectRefused(Call(&Stub::UpdateSite, update, site), StatusCode::INVALID_ARGUMENT, "OUT_OF_RANGE",
                "site.alarm_budget_per_week");
  const auto rate = [&] {
    return (*directory_.Find("sites/a/assets/pump/points/de"))->false_alarms_per_point_year;
  };
  EXPECT_DOUBLE_EQ(rate(), 0.1);
  update.mutable_site()->set_alarm_budget_per_week(0.01f);
  update.mutable_site()->set_false_alarms_per_point_year(0.5f);
  ASSERT_TRUE(Call(&Stub::UpdateSite, update, site).ok());
  EXPECT_FLOAT_EQ(site.alarm_budget_per_week(), 0.01f);
  EXPECT_NEAR(rate(), 0.01 * 52.18 / 2, 1e-3);
  update.mutable_site()->set_alarm_budget_per_week(100);
  ASSERT_TRUE(Call(&Stub::UpdateSite, update, site).ok());
  EXPECT_NEAR(rate(), 0.5, 1e-6) << "the stricter of both counts";
  update.mutable_site()->clear_alarm_budget_per_week();
  update.mutable_site()->clear_false_alarms_per_point_year();
  update.mutable_update_mask()->add_paths("*");
  ASSERT_TRUE(Call(&Stub::UpdateSite, update, site).ok());
  EXPECT_FALSE(site.has_false_alarms_per_point_year());
  EXPECT_DOUBLE_EQ(rate(), 0.1);
}

}  // namespace
}  // namespace auscult::server
