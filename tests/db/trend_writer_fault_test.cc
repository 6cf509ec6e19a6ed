// Writers under faults: lost connections, commits of unknown outcome, one another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "db/trend_writer.h"
#include "tests/db/plant_of_points.h"
#include "tests/support/commit_cutter.h"

namespace auscult::db {
namespace {

using support::CommitCutter;
using support::PostgresCluster;
using Kind = Outcome::Kind;

// Waits until another backend of the database waits for a lock, and answers its pid.
int64_t WaitForBlockedBackend(Connection& connection) {
  for (int i = 0; i < 1000; ++i) {
    const absl::StatusOr<Rows> rows = connection.Query(
        "SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'");
    if (rows.ok() && rows->count() > 0) return rows->Int(0, 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ADD_FAILURE() << "nobody waits";
  return 0;
}

TEST(TrendWriter, SurvivesTheDeathOfItsBackend) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  ASSERT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(0, 0, 3))), 3);
  // While it waits for a state row in the middle of its transaction.
  const auto other = plant.database().Connect();
  ASSERT_TRUE(other->Begin().ok());
  ASSERT_TRUE(other->Execute("SELECT FROM point_state FOR UPDATE").ok());
  absl::StatusOr<std::vector<Outcome>> outcomes;
  {
    const std::jthread writing([&] { outcomes = writer.Write(plant.MakeSeries(0, 2, 3)); });
    const Param pid[] = {Int(WaitForBlockedBackend(plant.connection()))};
    EXPECT_TRUE(plant.connection().Execute("SELECT pg_terminate_backend($1::int)", pid).ok());
    EXPECT_TRUE(other->Execute("COMMIT").ok());
  }
  EXPECT_EQ(plant.Accepted(outcomes), 2);
  EXPECT_EQ(outcomes->at(0).kind, Kind::kDuplicate);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 5);
  EXPECT_EQ(plant.Count("SELECT record_count FROM point_state"), 5);
}

TEST(TrendWriter, SurvivesTheDeathOfItsBackendBetweenBatches) {
  PlantOfPoints plant;
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  for (int n = 0; n < 5; ++n) {
    const Record record = plant.Make(0, n);
    EXPECT_EQ(plant.Accepted(writer.Write({&record, 1})), 1);
    ASSERT_TRUE(plant.connection()
                    .Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                             " WHERE datname = current_database() AND pid <> pg_backend_pid()")
                    .ok());
  }
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 5);
}

TEST(TrendWriter, CountsWhatALostCommitHadStoredAsAccepted) {
  PlantOfPoints plant;
  const CommitCutter::Cut kinds[] = {CommitCutter::Cut::kAfter, CommitCutter::Cut::kBefore};
  CommitCutter cutter(PostgresCluster::Shared());
  BaselineCache baselines(10);
  TrendWriter writer(cutter.Through(plant.conninfo()), &baselines);
  int n = 0;
  for (const CommitCutter::Cut cut : kinds) {
    SCOPED_TRACE(static_cast<int>(cut));
    std::vector<Record> records = plant.MakeSeries(0, n, 4);
    records.push_back(records[0]);
    n += 4;
    cutter.Arm(cut);
    const int cuts_before = cutter.cuts();
    const auto outcomes = writer.Write(records);
    EXPECT_EQ(cutter.cuts(), cuts_before + 1);
    EXPECT_EQ(plant.Accepted(outcomes), 4);
    EXPECT_EQ(outcomes->at(3).record_count, n);
    EXPECT_EQ(outcomes->at(4).kind, Kind::kDuplicate);
    EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), n);
    EXPECT_EQ(plant.Count("SELECT record_count FROM point_state"), n);
  }
}

TEST(TrendWriter, SaysThatTheDatabaseIsAwayAndGoesOnWhenItIsBack) {
  PostgresCluster cluster;
  PlantOfPoints plant(1, cluster);
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  const std::vector<Record> first = plant.MakeSeries(0, 0, 2), second = plant.MakeSeries(0, 2, 2);
  ASSERT_EQ(plant.Accepted(writer.Write(first)), 2);
  cluster.Kill();
  EXPECT_EQ(writer.Write(second).status().code(), absl::StatusCode::kUnavailable);
  cluster.Start();
  EXPECT_EQ(plant.Accepted(writer.Write(second)), 2);
  plant.Reconnect();
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 4);  // the first two were durable
}

TEST(TrendWriter, SharesPointsWithOtherWritersWithoutDeadlockOrDuplicate) {
  PlantOfPoints plant(6);
  constexpr int kWriters = 3;
  constexpr int kRecords = 30;
  BaselineCache baselines(10);
  std::atomic<int> accepted = 0, others = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < kWriters; ++seed) {
      threads.emplace_back([&, seed] {
        // Everyone sends everything, in an order of their own.
        std::vector<Record> records;
        for (int point = 0; point < 6; ++point) {
          for (const Record& record : plant.MakeSeries(point, 0, kRecords))
            records.push_back(record);
        }
        std::shuffle(records.begin(), records.end(), std::mt19937(seed));
        TrendWriter writer(plant.conninfo(), &baselines);
        for (size_t at = 0; at < records.size(); at += 20) {
          const auto outcomes = writer.Write(std::span(records).subspan(at, 20));
          ASSERT_TRUE(outcomes.ok()) << outcomes.status();
          for (const Outcome& outcome : *outcomes) {
            accepted += outcome.kind == Kind::kAccepted;
            others += outcome.kind == Kind::kDuplicate;
          }
        }
      });
    }
  }
  EXPECT_EQ(accepted, 6 * kRecords);
  EXPECT_EQ(others, (kWriters - 1) * 6 * kRecords);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 6 * kRecords);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM score"), 6 * kRecords);
  EXPECT_EQ(plant.Count("SELECT count(*) FROM point_state WHERE record_count = 30"), 6);
}

TEST(TrendWriter, LeavesNothingBehindOfAPointThatIsDeletedMeanwhile) {
  PlantOfPoints plant(2);
  BaselineCache baselines(10);
  absl::Status deleted;
  int rejected = 0;
  {
    const std::jthread writing([&] {
      TrendWriter writer(plant.conninfo(), &baselines);
      for (int n = 0; n < 100; ++n) {
        const Record records[] = {plant.Make(0, n), plant.Make(1, n)};
        const auto outcomes = writer.Write(records);
        ASSERT_TRUE(outcomes.ok()) << outcomes.status();
        EXPECT_EQ(outcomes->at(1).kind, Kind::kAccepted);
        rejected += outcomes->at(0).rejection.code() == absl::StatusCode::kNotFound;
      }
    });
    const auto other = plant.database().Connect();
    for (;;) {  // once it has a baseline
      const absl::StatusOr<Rows> rows = other->Query("SELECT count(*) FROM baseline");
      ASSERT_TRUE(rows.ok());
      if (rows->Int(0, 0) > 0) break;
    }
    deleted = DeletePoint(*other, "s", "a", "p0", 0, true);
  }
  EXPECT_TRUE(deleted.ok()) << deleted;
  EXPECT_GT(rejected, 0);
  const Param id[] = {Int(plant.point(0).point_id)};
  for (const Sql sql :
       {Sql("SELECT FROM trend WHERE point_id = $1"), Sql("SELECT FROM score WHERE point_id = $1"),
        Sql("SELECT FROM baseline WHERE point_id = $1"),
        Sql("SELECT FROM event WHERE point_id = $1")}) {
    const absl::StatusOr<Rows> rows = plant.connection().Query(sql, id);
    ASSERT_TRUE(rows.ok());
    EXPECT_EQ(rows->count(), 0) << sql.text();
  }
  EXPECT_EQ(plant.Count("SELECT count(*) FROM trend"), 100);
}

}  // namespace
}  // namespace auscult::db
