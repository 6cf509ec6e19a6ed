// Cases as records open and close them, on a real database.
#include "db/case_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "db/case_store.h"
#include "db/missing_data.h"
#include "db/trend_writer.h"
#include "tests/db/plant_of_points.h"
#include "tests/support/commit_cutter.h"

namespace auscult::db {
namespace {

using models::CaseKind;
using models::Condition;
using models::Fault;
using support::CommitCutter;
using support::PostgresCluster;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int kHealthy = 150;  // learnt by then
constexpr float kFaultDb = 30;

CaseReport Report(const PlantOfPoints& plant, int point, Condition condition,
                  Fault fault = Fault::kOther, int64_t at_us = PlantOfPoints::kStartUs) {
  return {.asset_id = plant.point(point).asset_id,
          .report = {.kind = CaseKind::kMachine,
                     .point_id = plant.point(point).point_id,
                     .condition = condition,
                     .fault = fault,
                     .measured_at_us = at_us,
                     .summary = "why",
                     .detail = R"({"evidence":[]})"}};
}

absl::Status Update(Connection& connection, const std::vector<CaseReport>& reports) {
  return InTransaction(connection, [&] { return UpdateCases(connection, reports); });
}

std::vector<StoredCase> Cases(PlantOfPoints& plant, CaseFilter::State state) {
  CaseFilter filter;
  filter.state = state;
  auto cases = ListCases(plant.connection(), filter, std::nullopt, 100);
  EXPECT_TRUE(cases.ok()) << cases.status();
  return cases.ok() ? *std::move(cases) : std::vector<StoredCase>();
}

std::vector<StoredCase> Open(PlantOfPoints& plant) {
  return Cases(plant, CaseFilter::State::kOpen);
}

std::vector<std::string> Actions(PlantOfPoints& plant, const StoredCase& of) {
  const auto notes = ListCaseNotes(plant.connection(), of.asset_id, of.alarm.alarm_id);
  EXPECT_TRUE(notes.ok()) << notes.status();
  std::vector<std::string> actions;
  for (const CaseNote& note : *notes) actions.push_back(note.action);
  return actions;
}

// What is stored of cases, without the times and keys of this database.
std::string AllCases(PlantOfPoints& plant) {
  return plant.Text(
      "SELECT concat((SELECT string_agg((to_jsonb(a) - 'alarm_id' - 'create_time' - 'changed_by'"
      "  - 'revision')::text, ',' ORDER BY alarm_id) FROM alarm a),"
      " (SELECT string_agg(concat(action, text), ',' ORDER BY note_id) FROM alarm_note))");
}

TEST(CaseWriter, OpensAndClosesWithTheRecordsOfAPoint) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  ASSERT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(0, 0, kHealthy))), kHealthy);
  EXPECT_THAT(Cases(plant, CaseFilter::State::kAll), SizeIs(0));
  ASSERT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(0, kHealthy, 20, kFaultDb))), 20);
  const std::vector<StoredCase> open = Open(plant);
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].alarm.kind, CaseKind::kMachine);
  EXPECT_EQ(open[0].alarm.fault, Fault::kOther);
  EXPECT_EQ(open[0].alarm.condition, Condition::kAlarm);
  EXPECT_THAT(open[0].point_slugs, ElementsAre("p0"));
  EXPECT_THAT(open[0].alarm.detail, HasSubstr("contributions"));
  EXPECT_GT(open[0].alarm.opened_at_us,
            PlantOfPoints::kStartUs + kHealthy * PlantOfPoints::kHourUs);
  ASSERT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(0, kHealthy + 20, 60))), 60);
  EXPECT_THAT(Open(plant), SizeIs(0));
  const std::vector<StoredCase> closed = Cases(plant, CaseFilter::State::kWithoutFinding);
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_EQ(closed[0].alarm.condition, Condition::kNormal);
  EXPECT_EQ(closed[0].alarm.worst_condition, Condition::kAlarm);
  EXPECT_THAT(closed[0].point_slugs, ElementsAre("p0")) << "who held it is still known";
  EXPECT_EQ(Actions(plant, closed[0]).front(), "opened");
  EXPECT_EQ(Actions(plant, closed[0]).back(), "recovered");
}

TEST(CaseWriter, GivesTheSameCasesHoweverTheRecordsAreBatched) {
  std::vector<std::string> outcomes;
  for (const size_t batch : {1u, 7u, 1000u}) {
    PlantOfPoints plant(2);
    BaselineCache baselines(10);
    TrendWriter writer(plant.conninfo(), &baselines);
    ASSERT_TRUE(writer.Write(plant.MakeSeries(0, 0, kHealthy)).ok());
    std::vector<Record> records = plant.MakeSeries(0, kHealthy, 20, kFaultDb);
    for (const auto& [first, count, fault_db] :
         {std::tuple(20, 60, 0.0f), {80, 20, kFaultDb}, {100, 60, 0.0f}, {160, 30, 12.0f}}) {
      for (Record& record : plant.MakeSeries(0, kHealthy + first, count, fault_db)) {
        records.push_back(std::move(record));
      }
    }
    for (size_t at = 0; at < records.size(); at += batch) {
      const auto some = std::span(records).subspan(at, std::min(batch, records.size() - at));
      ASSERT_TRUE(writer.Write(some).ok());
    }
    outcomes.push_back(AllCases(plant));
    EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm"), 3);
  }
  EXPECT_EQ(outcomes[1], outcomes[0]);
  EXPECT_EQ(outcomes[2], outcomes[0]);
}

TEST(CaseWriter, AsksNothingOfTheDatabaseWhileNothingChanges) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  ASSERT_TRUE(writer.Write(plant.MakeSeries(0, 0, kHealthy)).ok());
  ASSERT_TRUE(writer.Write(plant.MakeSeries(0, kHealthy, 20, kFaultDb)).ok());
  const std::string before = AllCases(plant);
  // Whoever asked would wait for the asset.
  const auto other = plant.database().Connect();
  ASSERT_TRUE(other->Begin().ok());
  ASSERT_TRUE(other->Execute("SELECT FROM asset FOR UPDATE").ok());
  EXPECT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(0, kHealthy + 20, 10, kFaultDb))), 10);
  ASSERT_TRUE(other->Execute("ROLLBACK").ok());
  EXPECT_EQ(AllCases(plant), before);
}

TEST(CaseWriter, LetsNoLateRecordMoveACase) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = plant.MakeSeries(0, 0, kHealthy);
  const Record left_out = records[100];
  records.erase(records.begin() + 100);
  ASSERT_TRUE(writer.Write(records).ok());
  ASSERT_TRUE(writer.Write(plant.MakeSeries(0, kHealthy, 20, kFaultDb)).ok());
  const std::string before = AllCases(plant);
  EXPECT_EQ(plant.Accepted(writer.Write({&left_out, 1})), 1);
  EXPECT_EQ(AllCases(plant), before);
}

TEST(CaseWriter, OpensOnceAlthoughACommitWasReplayed) {
  for (const auto cut : {CommitCutter::Cut::kAfter, CommitCutter::Cut::kBefore}) {
    SCOPED_TRACE(static_cast<int>(cut));
    PlantOfPoints plant;
    CommitCutter cutter(PostgresCluster::Shared());
    BaselineCache baselines(10);
    TrendWriter writer(cutter.Through(plant.conninfo()), &baselines);
    ASSERT_TRUE(writer.Write(plant.MakeSeries(0, 0, kHealthy)).ok());
    cutter.Arm(cut);
    EXPECT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(0, kHealthy, 20, kFaultDb))), 20);
    EXPECT_EQ(cutter.cuts(), 1);
    EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm"), 1);
    EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm_note WHERE action = 'opened'"), 1);
  }
}

TEST(CaseWriter, TellsAFailingSensorFromAFailingMachine) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = plant.MakeSeries(0, 0, 12);
  for (int i : {2, 3, 5, 6, 7}) {
    records[static_cast<size_t>(i)].features.quality = Bit(features::QualityFlag::kClipped);
  }
  const auto first = std::span(records).first(7), second = std::span(records).subspan(7);
  ASSERT_TRUE(writer.Write(first).ok());
  EXPECT_THAT(Open(plant), SizeIs(0)) << "two in a row are no failing sensor";
  ASSERT_TRUE(writer.Write(second.first(3)).ok());
  const std::vector<StoredCase> open = Open(plant);
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].alarm.kind, CaseKind::kSensor);
  EXPECT_EQ(open[0].alarm.opened_at_us, records[7].measured_at_us);
  EXPECT_THAT(open[0].alarm.summary, HasSubstr("clip"));
  ASSERT_TRUE(writer.Write(second.subspan(3)).ok());
  EXPECT_THAT(Open(plant), SizeIs(0));
  EXPECT_EQ(plant.Count("SELECT unix_us(closed_at) FROM alarm"), records[10].measured_at_us);
}

TEST(CaseWriter, OpensOneCaseForPointsThatAlarmAtOnce) {
  constexpr int kPoints = 4;
  PlantOfPoints plant(kPoints);
  for (int round = 0; round < 10; ++round) {
    const auto fault = static_cast<Fault>(1 + round);
    std::vector<std::jthread> threads;
    for (int point = 0; point < kPoints; ++point) {
      threads.emplace_back([&, point] {
        const auto connection = plant.database().Connect();
        const absl::Status status =
            Update(*connection, {Report(plant, point, Condition::kAlarm, fault)});
        EXPECT_TRUE(status.ok()) << status;
      });
    }
    threads.clear();
    EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm"), round + 1);
  }
  EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm WHERE cardinality(holders) <> 4"), 0);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm_note"), 10);
}

TEST(CaseWriter, RenamesAndOpensInOneBatch) {
  PlantOfPoints plant(3);
  ASSERT_TRUE(Update(plant.connection(), {Report(plant, 0, Condition::kAlert)}).ok());
  // Named, recovered, back without a name, named again, another beside it.
  std::vector<CaseReport> reports;
  int64_t at_us = PlantOfPoints::kStartUs;
  for (const auto& [point, condition, fault] : {std::tuple(0, Condition::kAlert, Fault::kInnerRace),
                                                {0, Condition::kNormal, Fault::kOther},
                                                {1, Condition::kAlarm, Fault::kOther},
                                                {0, Condition::kAlert, Fault::kInnerRace},
                                                {2, Condition::kAlert, Fault::kOther},
                                                {2, Condition::kAlert, Fault::kGear}}) {
    reports.push_back(Report(plant, point, condition, fault, ++at_us));
  }
  ASSERT_TRUE(Update(plant.connection(), reports).ok());
  const std::vector<StoredCase> open = Open(plant);
  ASSERT_THAT(open, SizeIs(2));
  EXPECT_EQ(open[0].alarm.fault, Fault::kInnerRace);
  EXPECT_THAT(open[0].point_slugs, ElementsAre("p0", "p1"));
  EXPECT_EQ(open[1].alarm.fault, Fault::kGear);
  EXPECT_THAT(Actions(plant, open[0]), ElementsAre("opened", "renamed"));
  EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm WHERE closed_at IS NOT NULL"), 1);
}

TEST(CaseWriter, ReleasesWhatADeletedPointHeld) {
  PlantOfPoints plant(2);
  ASSERT_TRUE(Update(plant.connection(), {Report(plant, 0, Condition::kAlarm, Fault::kGear),
                                          Report(plant, 1, Condition::kAlert, Fault::kGear)})
                  .ok());
  ASSERT_TRUE(DeletePoint(plant.connection(), "s", "a", "p0", 0, true).ok());
  ASSERT_THAT(Open(plant), SizeIs(1));
  EXPECT_EQ(Open(plant)[0].alarm.condition, Condition::kAlert);
  ASSERT_TRUE(DeletePoint(plant.connection(), "s", "a", "p1", 0, true).ok());
  EXPECT_THAT(Open(plant), SizeIs(0));
  EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm"), 1) << "its history stays with the asset";
}

TEST(CaseWriter, LeavesNothingOfAnAssetThatIsDeletedMeanwhile) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  ASSERT_TRUE(writer.Write(plant.MakeSeries(0, 0, kHealthy)).ok());
  {
    const std::jthread writing([&] {
      for (int n = 0; n < 60; ++n) {
        const Record record = plant.Make(0, kHealthy + n, n % 12 < 6 ? kFaultDb : 0);
        const auto outcomes = writer.Write({&record, 1});
        EXPECT_TRUE(outcomes.ok()) << outcomes.status();
      }
    });
    const auto other = plant.database().Connect();
    absl::Status status;
    do {  // As every change of the plant, again when a deadlock was broken.
      status = DeleteAsset(*other, "s", "a", 0, true);
    } while (absl::IsAborted(status));
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm"), 0);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM alarm_note"), 0);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 0);
}

TEST(MissingData, OpensOnceForAPointThatFellSilentAndClosesWithTheNextRecord) {
  PlantOfPoints plant(4);
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  std::vector<Record> records = {plant.Make(0, 0), plant.Make(1, 0), plant.Make(2, 0)};
  records[1].features.quality = Bit(features::QualityFlag::kStopped);
  ASSERT_EQ(plant.Accepted(writer.Write(records)), 3);
  EXPECT_EQ(OpenMissingDataCases(plant.connection()).value(), 0)
      << "old records that came just now are a replay, not a silence";
  ASSERT_TRUE(
      plant.connection()
          .ExecuteScript("UPDATE point_state SET received_at = last_measured_at;"
                         "UPDATE point SET definition = '{\"stale_after_s\": \"999999999\"}'"
                         " WHERE slug = 'p2'")
          .ok());
  const auto other = plant.database().Connect();
  EXPECT_EQ(OpenMissingDataCases(*other).value(), 1)
      << "p1 stands still, p2 may be silent for longer, p3 never had a record";
  EXPECT_EQ(OpenMissingDataCases(plant.connection()).value(), 0);
  const std::vector<StoredCase> open = Open(plant);
  ASSERT_THAT(open, SizeIs(1));
  EXPECT_EQ(open[0].alarm.kind, CaseKind::kMissingData);
  EXPECT_THAT(open[0].point_slugs, ElementsAre("p0"));
  EXPECT_THAT(open[0].alarm.summary, HasSubstr("no record of p0 since 2023-11-14 22:13 UTC"));
  EXPECT_EQ(open[0].alarm.opened_at_us, PlantOfPoints::kStartUs + kDefaultStaleAfterS * 1'000'000);
  const Record late = plant.Make(0, -1), next = plant.Make(0, 1);
  ASSERT_EQ(plant.Accepted(writer.Write({&late, 1})), 1);
  EXPECT_THAT(Open(plant), SizeIs(1));
  ASSERT_EQ(plant.Accepted(writer.Write({&next, 1})), 1);
  EXPECT_THAT(Open(plant), SizeIs(0));
}

TEST(ChangedCases, AreSeenAlthoughAnEarlierTransactionEndsLater) {
  PlantOfPoints plant(2);
  ChangeCursor cursor;
  EXPECT_THAT(ListChangedCases(plant.connection(), cursor).value(), SizeIs(0));
  const auto slow = plant.database().Connect();
  ASSERT_TRUE(slow->Begin().ok());
  ASSERT_TRUE(
      UpdateCases(*slow, std::vector{Report(plant, 0, Condition::kAlarm, Fault::kGear)}).ok());
  // Others come and go meanwhile.
  ASSERT_TRUE(plant.connection().Execute("SELECT pg_current_xact_id()").ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(ListChangedCases(plant.connection(), cursor).value(), SizeIs(0));
  }
  ASSERT_TRUE(slow->Execute("COMMIT").ok());
  EXPECT_THAT(ListChangedCases(plant.connection(), cursor).value(), SizeIs(1));
  EXPECT_THAT(ListChangedCases(plant.connection(), cursor).value(), SizeIs(0));
}

}  // namespace
}  // namespace auscult::db
