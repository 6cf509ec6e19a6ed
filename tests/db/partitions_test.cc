#include "db/partitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "db/reading_writer.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using support::TestDatabase;
using ::testing::Contains;
using ::testing::ElementsAre;

// 2026-11-22 12:00:00 UTC, a Sunday: the last day of ISO week 47.
constexpr int64_t kSundayUs = 1'795'348'800'000'000;
constexpr int64_t kDayUs = 86'400'000'000;

std::vector<std::string> Partitions(Connection& connection) {
  const absl::StatusOr<Rows> rows = connection.Query(
      "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent"
      " WHERE relkind = 'p' ORDER BY 1");
  EXPECT_TRUE(rows.ok()) << rows.status();
  std::vector<std::string> names;
  for (int row = 0; row < rows->count(); ++row) names.emplace_back(rows->Text(row, 0));
  return names;
}

int64_t Number(Connection& connection, Sql sql) {
  const absl::StatusOr<Rows> rows = connection.Query(sql);
  EXPECT_TRUE(rows.ok()) << rows.status();
  return rows.ok() ? rows->Int(0, 0) : -1;
}

absl::Status AddWaveform(Connection& connection, int64_t measured_at_us, int kept_for) {
  const Param values[] = {TimeUs(measured_at_us), Int(kept_for)};
  return connection.Execute(
      "INSERT INTO waveform (asset_id, point_id, measured_at, site_id, kept_for, sample_rate_hz,"
      " content_hash, channels, samples) VALUES (1, 1, $1, 1, $2, 1000, '', '[]', '')",
      values);
}

TEST(PartitionCache, NamesMonthsAndIsoWeeks) {
  const TestDatabase database;
  const auto connection = database.Connect();
  PartitionCache partitions;
  const int64_t instants[] = {kSundayUs};
  ASSERT_TRUE(partitions.EnsureFor(*connection, instants, instants).ok());
  EXPECT_THAT(Partitions(*connection),
              ElementsAre("event_2026_11", "extraction_2026_11", "reading_2026_11", "score_2026_11",
                          "trend_2026_11", "waveform_2026w47"));
}

TEST(PartitionCache, CutsWeeksOnMondayUtcWhateverTheSession) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(connection->Execute("SET timezone = 'Pacific/Kiritimati'").ok());
  ASSERT_TRUE(connection->Execute("SET datestyle = 'SQL, DMY'").ok());
  PartitionCache partitions;
  // The last microsecond of 2026 lies in ISO week 53, as do the first days of 2027.
  constexpr int64_t kNewYearUs = 1'798'761'600'000'000;
  const int64_t instants[] = {kNewYearUs - 1, kNewYearUs};
  ASSERT_TRUE(partitions.EnsureFor(*connection, instants, instants).ok());
  EXPECT_THAT(
      Partitions(*connection),
      ElementsAre("event_2026_12", "event_2027_01", "extraction_2026_12", "extraction_2027_01",
                  "reading_2026_12", "reading_2027_01", "score_2026_12", "score_2027_01",
                  "trend_2026_12", "trend_2027_01", "waveform_2026w53"));
  EXPECT_TRUE(AddWaveform(*connection, kNewYearUs + 3 * kDayUs - 1, 1).ok());
  EXPECT_EQ(AddWaveform(*connection, kNewYearUs + 3 * kDayUs, 1).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(PartitionCache, MakesEveryPeriodOfALongReplay) {
  const TestDatabase database;
  const auto connection = database.Connect();
  PartitionCache partitions;
  std::vector<int64_t> instants;
  for (int day = 0; day < 400; ++day) instants.push_back(kSundayUs - day * kDayUs);
  ASSERT_TRUE(partitions.EnsureFor(*connection, instants, instants).ok());
  for (const int64_t instant : instants) {
    ASSERT_TRUE(AddWaveform(*connection, instant, 1).ok()) << *TimeUs(instant);
  }
}

TEST(PartitionCache, TakesTheEdgesOfWhatIsAccepted) {
  const TestDatabase database;
  const auto connection = database.Connect();
  PartitionCache partitions;
  const int64_t instants[] = {kEarliestUs, kLatestUs - 1};
  ASSERT_TRUE(partitions.EnsureFor(*connection, instants, instants).ok());
  for (const int64_t instant : instants) EXPECT_TRUE(AddWaveform(*connection, instant, 1).ok());
}

TEST(PartitionCache, AsksTheDatabaseOnlyOnce) {
  const TestDatabase database;
  const auto connection = database.Connect();
  PartitionCache partitions;
  const int64_t instants[] = {kSundayUs};
  ASSERT_TRUE(partitions.EnsureFor(*connection, instants).ok());
  ASSERT_TRUE(connection->Execute("DROP TABLE event_2026_11").ok());
  ASSERT_TRUE(partitions.EnsureFor(*connection, instants).ok());
  EXPECT_THAT(Partitions(*connection), ::testing::Not(Contains("event_2026_11")));
  partitions.Forget();
  ASSERT_TRUE(partitions.EnsureFor(*connection, instants).ok());
  EXPECT_THAT(Partitions(*connection), Contains("event_2026_11"));
}

TEST(PartitionCache, IsSafeOnSeveralServersWhileOthersWrite) {
  const TestDatabase database;
  const auto writer = database.Connect();
  PartitionCache own;
  const int64_t now[] = {kSundayUs};
  ASSERT_TRUE(own.EnsureFor(*writer, now, now).ok());
  // A writer that has not committed must not be waited for.
  ASSERT_TRUE(writer->Begin().ok());
  ASSERT_TRUE(AddWaveform(*writer, kSundayUs, 1).ok());
  std::vector<absl::Status> statuses(4);
  {
    std::vector<std::jthread> servers;
    for (absl::Status& status : statuses) {
      servers.emplace_back([&] {
        const auto connection = database.Connect();
        PartitionCache partitions;
        std::vector<int64_t> instants;
        for (int week = 1; week < 20; ++week) instants.push_back(kSundayUs + week * 7 * kDayUs);
        status = partitions.EnsureFor(*connection, instants, instants);
      });
    }
  }
  for (const absl::Status& status : statuses) EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(writer->Execute("COMMIT").ok());
  EXPECT_EQ(Partitions(*writer).size(), 5u * 6 + 20);  // November to April, weeks 47 to 13
}

TEST(PartitionsAhead, CoverTheMonthsAskedForAndRepeatHarmlessly) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(MakePartitionsAhead(*connection, 2).ok());
  const std::vector<std::string> made = Partitions(*connection);
  ASSERT_TRUE(MakePartitionsAhead(*connection, 2).ok());
  EXPECT_EQ(made, Partitions(*connection));
  const absl::StatusOr<Rows> rows = connection->Query(
      "SELECT unix_us(now() + day * interval '1 day') FROM generate_series(0, 58) AS day");
  ASSERT_TRUE(rows.ok());
  for (int row = 0; row < rows->count(); ++row) {
    EXPECT_TRUE(AddWaveform(*connection, rows->Int(row, 0), 1).ok());
  }
}

TEST(ThinWaveforms, KeepsTheRecentAndEveryNth) {
  const TestDatabase database;
  const auto connection = database.Connect();
  const int64_t now_us = Number(*connection, "SELECT unix_us(now())");
  PartitionCache partitions;
  // Three weeks: old ones of either kind, old recent ones alone, new ones.
  const int64_t mixed_us = now_us - 30 * kDayUs, gone_us = now_us - 15 * kDayUs;
  const int64_t instants[] = {mixed_us, gone_us, now_us};
  ASSERT_TRUE(partitions.EnsureFor(*connection, instants, instants).ok());
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(AddWaveform(*connection, mixed_us + i, i % 2 + 1).ok());
    ASSERT_TRUE(AddWaveform(*connection, gone_us + i, 1).ok());
    ASSERT_TRUE(AddWaveform(*connection, now_us - i, 1).ok());
  }
  const size_t partitions_before = Partitions(*connection).size();
  const absl::StatusOr<int64_t> thinned = ThinWaveforms(*connection, 86400);
  ASSERT_TRUE(thinned.ok()) << thinned.status();
  EXPECT_EQ(*thinned, 15);
  EXPECT_EQ(Number(*connection, "SELECT count(*) FROM waveform"), 15);
  EXPECT_EQ(Number(*connection, "SELECT count(*) FROM waveform WHERE kept_for = 2"), 5);
  EXPECT_EQ(Partitions(*connection).size(), partitions_before - 1);
  EXPECT_EQ(ThinWaveforms(*connection, 86400).value_or(-1), 0);
}

TEST(ThinWaveforms, DoesNotWaitForAWriterToDropAWeek) {
  const TestDatabase database;
  const auto connection = database.Connect(), writer = database.Connect();
  PartitionCache partitions;
  const int64_t now_us = Number(*connection, "SELECT unix_us(now())");
  const int64_t instants[] = {now_us - 30 * kDayUs, now_us};
  ASSERT_TRUE(partitions.EnsureFor(*connection, instants, instants).ok());
  ASSERT_TRUE(writer->Begin().ok());
  ASSERT_TRUE(AddWaveform(*writer, now_us, 1).ok());
  const size_t before = Partitions(*connection).size();
  EXPECT_EQ(ThinWaveforms(*connection, 86400).value_or(-1), 0);
  EXPECT_EQ(Partitions(*connection).size(), before);
  ASSERT_TRUE(writer->Execute("COMMIT").ok());
  EXPECT_EQ(ThinWaveforms(*connection, 86400).value_or(-1), 0);
  EXPECT_EQ(Partitions(*connection).size(), before - 1);
}

}  // namespace
}  // namespace auscult::db
