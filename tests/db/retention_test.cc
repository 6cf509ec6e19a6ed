#include "db/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "db/partitions.h"
#include "db/retention_store.h"
#include "db/storage.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using support::TestDatabase;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kRecentS = 86400;

// Two sites with two assets each, numbers 1 to 4, with a point each of the same number.
class Retention : public ::testing::Test {
 protected:
  Retention() : connection_(database_.Connect()) {
    Do("INSERT INTO site (slug) VALUES ('a'), ('b')");
    Do("INSERT INTO asset (site_id, slug) VALUES (1, 'w'), (1, 'x'), (2, 'y'), (2, 'z')");
    Do("INSERT INTO point (asset_id, site_id, slug, definition)"
       " SELECT asset_id, site_id, 'p', '{}' FROM asset ORDER BY asset_id");
    Do("INSERT INTO point_state (asset_id, point_id, site_id, rolled_to)"
       " SELECT asset_id, point_id, site_id, now() + interval '1 hour' FROM point");
    Do("INSERT INTO process_state (asset_id, site_id, rolled_to)"
       " SELECT asset_id, site_id, now() + interval '1 hour' FROM asset");
  }

  void Do(Sql sql, std::span<const Param> values = {}) {
    const absl::Status status = connection_->Execute(sql, values);
    ASSERT_TRUE(status.ok()) << status;
  }
  int64_t Number(Sql sql) {
    const absl::StatusOr<Rows> rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, 0) : -1;
  }
  void Keep(RetentionKey key, const std::string& policy) {
    const absl::Status status = PutRetentionPolicy(*connection_, key, policy);
    ASSERT_TRUE(status.ok()) << status;
  }
  // A row of each asset in each of the last `days` days, in every table of records.
  void Fill(int days) {
    const Param values[] = {Int(days)};
    Do("SELECT make_partition(parent, now() - day * interval '24 hours')"
       " FROM generate_series(0, $1::int - 1) AS day, unnest(ARRAY['trend', 'score', 'event',"
       " 'reading', 'waveform', 'extraction', 'rollup_hour', 'reading_rollup_hour']) AS parent",
       values);
    Do("INSERT INTO trend (asset_id, point_id, measured_at, site_id, feature_set, source, quality,"
       " content_hash, features) SELECT asset_id, point_id, now() - day * interval '24 hours',"
       " site_id, 1, 1, 0, '', '{1,2,3}' FROM point, generate_series(0, $1::int - 1) AS day",
       values);
    Do("INSERT INTO score (asset_id, point_id, measured_at, site_id, model_version, condition,"
       " zone, verdict, confidence) SELECT asset_id, point_id, measured_at, site_id, 0, 1, 0, 0, 0"
       " FROM trend");
    Do("INSERT INTO event (asset_id, point_id, measured_at, site_id, from_condition, to_condition,"
       " verdict, summary) SELECT asset_id, point_id, measured_at, site_id, 1, 2, 0, '' FROM "
       "trend");
    Do("INSERT INTO extraction (asset_id, point_id, measured_at, run, site_id, feature_set, "
       "quality,"
       " features) SELECT asset_id, point_id, measured_at, 1, site_id, 2, 0, '{}' FROM trend");
    Do("INSERT INTO reading (asset_id, quantity, measured_at, site_id, value)"
       " SELECT asset_id, 'flow', measured_at, site_id, 1 FROM trend");
    Do("INSERT INTO waveform (asset_id, point_id, measured_at, site_id, kept_for, sample_rate_hz,"
       " content_hash, channels, samples) SELECT asset_id, point_id, measured_at, site_id, 2, 1, "
       "'',"
       " '[]', '' FROM trend");
    Do("INSERT INTO rollup_hour SELECT asset_id, point_id, date_trunc('hour', measured_at), 1,"
       " site_id, 1, NULL, '{}', '{}', '{}', '{}', '{}', '{}', 1 FROM trend");
    Do("INSERT INTO reading_rollup_hour SELECT asset_id, 'flow', date_trunc('hour', measured_at),"
       " site_id, 1, 1, 1, 1, 1 FROM trend");
  }
  Removed Run() {
    const auto removed = ApplyRetention(*connection_, kRecentS, [] { return true; });
    EXPECT_TRUE(removed.ok()) << removed.status();
    return removed.value_or(Removed{});
  }
  // Days for which each of the assets 1 to 4 still has a row in `trend`.
  std::vector<int64_t> TrendDays() {
    return {Number("SELECT count(*) FROM trend WHERE asset_id = 1"),
            Number("SELECT count(*) FROM trend WHERE asset_id = 2"),
            Number("SELECT count(*) FROM trend WHERE asset_id = 3"),
            Number("SELECT count(*) FROM trend WHERE asset_id = 4")};
  }

  const TestDatabase database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(Retention, KeepsAllWhereNobodySaysOtherwise) {
  Fill(100);
  const Removed removed = Run();
  EXPECT_EQ(removed.rows, 0);
  EXPECT_EQ(removed.partitions, 0);
  Keep({}, R"({"trend_days": 0})");
  EXPECT_EQ(Run().rows, 0) << "0 is for ever";
  EXPECT_THAT(TrendDays(), ElementsAre(100, 100, 100, 100));
}

TEST_F(Retention, DropsPartitionsThatNobodyKeepsAndDeletesRowsWhereAnAssetKeepsLess) {
  Fill(120);
  Keep({}, R"({"trend_days": 90})");
  Keep({1, 0}, R"({"trend_days": 30})");
  Keep({1, 2}, R"({"trend_days": 10})");
  Keep({2, 3}, R"({"score_days": 1})");
  const int64_t gone = Number(
      "SELECT count(*) FROM partitions_of('trend')"
      " WHERE until <= date_trunc('day', now(), 'UTC') - interval '2160 hours'");
  ASSERT_GT(gone, 0);
  const Removed removed = Run();
  EXPECT_GE(removed.partitions, 2 * gone);  // of trend and extraction
  EXPECT_EQ(Number("SELECT count(*) FROM partitions_of('trend')"
                   " WHERE until <= now() - interval '91 days'"),
            0);
  const std::vector<int64_t> days = TrendDays();
  EXPECT_EQ(days[0], 31) << "today and 30 whole days";
  EXPECT_EQ(days[1], 11);
  EXPECT_GE(days[2], 91) << "until its partition goes";
  EXPECT_LT(days[2], 120);
  EXPECT_EQ(days[2], days[3]);
  EXPECT_EQ(Number("SELECT count(*) FROM extraction WHERE asset_id = 2"), 11);
  EXPECT_EQ(Number("SELECT count(*) FROM score WHERE asset_id = 3"), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM event WHERE asset_id = 3"), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM score WHERE asset_id = 1"), 120);
  EXPECT_EQ(Number("SELECT count(*) FROM reading"), 480);
  const Removed again = Run();
  EXPECT_EQ(again.rows, 0);
  EXPECT_EQ(again.partitions, 0);
}

TEST_F(Retention, KeepsSamplesForTheirWorthByPolicyAndRecentOnesAsTheServerSays) {
  Fill(60);
  Do("UPDATE waveform SET kept_for = 1 WHERE measured_at > now() - interval '5 days'");
  Keep({}, R"({"waveform_days": 3})");
  Keep({1, 1}, R"({"waveform_days": 20})");
  const auto removed = ApplyRetention(*connection_, 10 * 86400, [] { return true; });
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(Number("SELECT count(*) FROM waveform WHERE asset_id = 2"), 5);
  EXPECT_EQ(Number("SELECT count(*) FROM waveform WHERE asset_id = 2 AND kept_for <> 1"), 0);
  const int64_t longest = Number("SELECT count(*) FROM waveform WHERE asset_id = 1");
  EXPECT_GE(longest, 21);
  EXPECT_LE(longest, 28) << "whole weeks";
}

TEST_F(Retention, LeavesSamplesThatSomebodyAskedFor) {
  Fill(60);
  Do("UPDATE waveform SET kept_for = 6 WHERE asset_id = 1"
     " AND measured_at = (SELECT min(measured_at) FROM waveform)");
  Keep({}, R"({"waveform_days": 3})");
  Run();
  EXPECT_EQ(Number("SELECT count(*) FROM waveform WHERE measured_at < now() - interval '30 days'"),
            1);
  EXPECT_EQ(Number("SELECT count(*) FROM waveform WHERE kept_for = 6"), 1);
}

TEST_F(Retention, DeletesHourlyRollupsByRowForTheirPartitionsAreYears) {
  Fill(60);
  Keep({}, R"({"hourly_rollup_days": 30})");
  Run();
  EXPECT_EQ(Number("SELECT count(*) FROM rollup_hour"), 4 * 31);
  EXPECT_EQ(Number("SELECT count(*) FROM reading_rollup_hour"), 4 * 31);
  EXPECT_EQ(Number("SELECT count(*) FROM trend"), 4 * 60);
}

TEST_F(Retention, LeavesWhatNoRollupHoldsYet) {
  Fill(120);
  Keep({}, R"({"trend_days": 20, "score_days": 20, "reading_days": 20})");
  Keep({2, 0}, R"({"trend_days": 5, "score_days": 5, "reading_days": 5})");
  Do("UPDATE point_state SET rolled_to = NULL WHERE asset_id = 1");
  Do("UPDATE point_state SET rolled_to = now() - interval '217 hours' WHERE asset_id = 3");
  Do("UPDATE process_state SET rolled_to = NULL WHERE asset_id = 4");
  Do("INSERT INTO rollup_due SELECT asset_id, point_id, date_trunc('hour', measured_at, 'UTC'),"
     " site_id FROM trend WHERE asset_id = 4 AND measured_at < now() - interval '2641 hours'");
  Run();
  EXPECT_EQ(Number("SELECT count(*) FROM trend WHERE asset_id = 1"), 120);
  EXPECT_EQ(Number("SELECT count(*) FROM score WHERE asset_id = 1"), 120);
  EXPECT_GE(TrendDays()[1], 21);
  EXPECT_LT(TrendDays()[1], 20 + 32) << "others in the same partition do not stay for it";
  EXPECT_EQ(TrendDays()[2], 10) << "what was measured after rolled_to";
  EXPECT_EQ(TrendDays()[3], 6 + 9) << "and hours that are to be rolled up again";
  EXPECT_EQ(Number("SELECT count(*) FROM reading WHERE asset_id = 4"), 120);
  EXPECT_EQ(Number("SELECT count(*) FROM reading WHERE asset_id = 3"), 6);
  // Once all is rolled up it goes.
  Do("UPDATE point_state SET rolled_to = now()");
  Do("UPDATE process_state SET rolled_to = now()");
  Do("DELETE FROM rollup_due");
  Run();
  EXPECT_LT(TrendDays()[0], 20 + 32);
  EXPECT_EQ(TrendDays()[3], 6);
}

TEST_F(Retention, TakesWhatComesLateAndDeletesItWithTheNextRun) {
  Fill(40);
  Keep({}, R"({"score_days": 20})");
  Keep({1, 1}, R"({"score_days": 5})");
  Run();
  const int64_t before = Number("SELECT count(*) FROM event");
  // A partition of its own, and one that is kept for others.
  Do("SELECT make_partition('event', now() - interval '400 days')");
  Do("INSERT INTO event (asset_id, point_id, measured_at, site_id, from_condition, to_condition,"
     " verdict, summary) VALUES (1, 1, now() - interval '400 days', 1, 1, 2, 0, ''),"
     " (1, 1, now() - interval '170 hours', 1, 1, 2, 0, '')");
  const Removed removed = Run();
  EXPECT_EQ(removed.rows, 1);
  EXPECT_EQ(removed.partitions, 1);
  EXPECT_EQ(Number("SELECT count(*) FROM event"), before);
}

TEST_F(Retention, DropsPartitionsThatAreEmptyAndPast) {
  Keep({}, R"({"trend_days": 30})");
  Keep({1, 1}, R"({"trend_days": 0})");
  Do("SELECT make_partition('trend', now() - interval '1 day' * day)"
     " FROM generate_series(0, 300) AS day");
  const Removed removed = Run();
  EXPECT_EQ(removed.rows, 0);
  EXPECT_GE(removed.partitions, 8);
  EXPECT_LE(Number("SELECT count(*) FROM partitions_of('trend')"), 3);
}

TEST_F(Retention, DropsMoreThanOneStatementMay) {
  Keep({}, R"({"waveform_days": 7})");
  Do("SELECT make_partition('waveform', now() - interval '7 days' * week)"
     " FROM generate_series(0, 120) AS week");
  EXPECT_GE(Run().partitions, 118);
}

TEST_F(Retention, StopsNobodyWhoWritesAndGoesOnNextTime) {
  Fill(120);
  Keep({}, R"({"trend_days": 20})");
  Keep({1, 1}, R"({"trend_days": 5})");
  const auto writer = database_.Connect();
  ASSERT_TRUE(writer->Begin().ok());
  const auto write = [&] {
    return writer->Execute(
        "INSERT INTO trend (asset_id, point_id, measured_at, site_id, feature_set, source, quality,"
        " content_hash, features) VALUES (1, 1, clock_timestamp(), 1, 1, 1, 0, '', '{}')");
  };
  ASSERT_TRUE(write().ok());
  const int64_t before = Number("SELECT count(*) FROM partitions_of('trend')");
  Run();
  EXPECT_EQ(TrendDays()[0], 6) << "rows are deleted beside it";
  EXPECT_EQ(Number("SELECT count(*) FROM partitions_of('trend')"), before);
  ASSERT_TRUE(write().ok());
  ASSERT_TRUE(writer->Execute("COMMIT").ok());
  Run();
  EXPECT_LT(Number("SELECT count(*) FROM partitions_of('trend')"), before);
  EXPECT_EQ(TrendDays()[0], 8);
}

TEST_F(Retention, LosesNothingOfWritersThatRunBesideSeveralServers) {
  Fill(60);
  Keep({}, R"({"trend_days": 10, "score_days": 10, "waveform_days": 2, "reading_days": 3})");
  Keep({2, 0}, R"({"trend_days": 4, "score_days": 4, "waveform_days": 1})");
  std::atomic<bool> enough{false};
  std::atomic<int64_t> written{0};
  std::vector<std::jthread> writers;
  for (int asset = 1; asset <= 4; ++asset) {
    writers.emplace_back([&, asset] {
      const auto connection = database_.Connect();
      const Param values[] = {Int(asset)};
      while (!enough) {
        const absl::Status status = connection->Execute(
            "INSERT INTO trend (asset_id, point_id, measured_at, site_id, feature_set, source,"
            " quality, content_hash, features)"
            " VALUES ($1, $1, clock_timestamp(), 1, 1, 1, 0, '\\x01', '{1}')",
            values);
        EXPECT_TRUE(status.ok()) << status;
        ++written;
      }
    });
  }
  {
    std::vector<std::jthread> servers;
    for (int server = 0; server < 2; ++server) {
      servers.emplace_back([&] {
        const auto connection = database_.Connect();
        for (int run = 0; run < 3; ++run) {
          const auto removed = ApplyRetention(*connection, kRecentS, [] { return true; });
          EXPECT_TRUE(removed.ok()) << removed.status();
        }
      });
    }
  }
  enough = true;
  writers.clear();
  Run();
  EXPECT_GT(written, 100);
  EXPECT_EQ(Number("SELECT count(*) FROM trend WHERE content_hash = '\\x01'"), written);
  EXPECT_EQ(Number("SELECT count(*) FROM trend WHERE content_hash = '' AND asset_id = 3"), 5);
}

TEST_F(Retention, EndsBetweenPortionsWhenItIsTold) {
  Fill(20);
  Keep({1, 1}, R"({"trend_days": 5})");
  const auto removed = ApplyRetention(*connection_, kRecentS, [] { return false; });
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_EQ(removed->rows, 0);
  EXPECT_EQ(TrendDays()[0], 20);
}

TEST_F(Retention, StorageCountsEachKindWithItsOldestRowAndGrowth) {
  Fill(50);
  Do("DELETE FROM reading WHERE asset_id <> 2 AND measured_at < now() - interval '30 days'");
  Do("INSERT INTO reading SELECT asset_id, 'power', measured_at - interval '1 second', site_id, 1"
     " FROM reading WHERE asset_id = 2");
  Do("ANALYZE");
  const auto stored = MeasureStorage(*connection_);
  ASSERT_TRUE(stored.ok()) << stored.status();
  std::set<std::string> kinds;
  int64_t last = std::numeric_limits<int64_t>::max(), total = 0;
  for (const StoredKind& kind : stored->kinds) {
    SCOPED_TRACE(kind.kind);
    kinds.insert(kind.kind);
    EXPECT_GT(kind.bytes, 0);
    EXPECT_LE(kind.bytes, last);
    EXPECT_FALSE(kind.bytes_per_day);
    last = kind.bytes;
    total += kind.bytes;
    if (kind.kind == "trend") {
      EXPECT_EQ(kind.row_count, 400) << "with extractions";
      EXPECT_EQ(kind.partition_count,
                Number("SELECT count(*) FROM partitions_of('trend')") +
                    Number("SELECT count(*) FROM partitions_of('extraction')"));
      EXPECT_EQ(kind.oldest_us, Number("SELECT unix_us(min(measured_at)) FROM trend"));
    } else if (kind.kind == "reading") {
      EXPECT_EQ(kind.oldest_us, Number("SELECT unix_us(min(measured_at)) FROM reading"));
    }
  }
  EXPECT_THAT(kinds,
              ElementsAre("event", "other", "reading", "rollup", "score", "trend", "waveform"));
  EXPECT_GT(stored->database_bytes, total);
}

TEST_F(Retention, StorageGrowsByTheSamplesOfTheLastDays) {
  ASSERT_TRUE(SampleStorage(*connection_).ok());
  ASSERT_TRUE(SampleStorage(*connection_).ok());
  EXPECT_EQ(Number("SELECT count(DISTINCT sampled_on) FROM storage_sample"), 1);
  const int64_t today = Number("SELECT bytes FROM storage_sample WHERE kind = 'other'");
  const Param values[] = {Int(today)};
  Do("INSERT INTO storage_sample SELECT (now() AT TIME ZONE 'UTC')::date - day, 'other',"
     " $1::bigint - day * 1000 FROM generate_series(1, 20) AS day",
     values);
  // Before the period: other times, other growth.
  Do("INSERT INTO storage_sample"
     " SELECT (now() AT TIME ZONE 'UTC')::date - 100, 'other', 9000000000");
  const auto stored = MeasureStorage(*connection_);
  ASSERT_TRUE(stored.ok()) << stored.status();
  for (const StoredKind& kind : stored->kinds) {
    EXPECT_EQ(kind.bytes_per_day.has_value(), kind.kind == "other") << kind.kind;
    if (kind.bytes_per_day) {
      EXPECT_NEAR(*kind.bytes_per_day, 1000, 1e-6);
    }
  }
}

TEST_F(Retention, PoliciesAreListedWithWhatTheyInherit) {
  Keep({}, R"({"trend_days": 1})");
  Keep({2, 0}, R"({"trend_days": 2})");
  Keep({2, 4}, R"({"trend_days": 3})");
  Keep({1, 1}, R"({"trend_days": 4})");
  const auto all = ListRetentionPolicies(*connection_, {}, 10);
  ASSERT_TRUE(all.ok()) << all.status();
  std::vector<std::string> names;
  for (const RetentionPolicyRow& row : *all) names.push_back(row.site + "/" + row.asset);
  EXPECT_THAT(names, ElementsAre("/", "a/w", "b/", "b/z"));
  EXPECT_THAT((*all)[3].of_site, HasSubstr("2"));
  EXPECT_THAT((*all)[3].of_plant, HasSubstr("1"));
  EXPECT_THAT((*all)[1].of_site, IsEmpty());
  EXPECT_THAT((*all)[0].of_plant, IsEmpty());
  const auto rest = ListRetentionPolicies(*connection_, {true, "a", "w"}, 1);
  ASSERT_TRUE(rest.ok()) << rest.status();
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ((*rest)[0].site, "b");
  EXPECT_TRUE(DeleteRetentionPolicy(*connection_, {2, 0}).ok());
  EXPECT_TRUE(absl::IsNotFound(DeleteRetentionPolicy(*connection_, {2, 0})));
  EXPECT_TRUE(absl::IsNotFound(GetRetentionPolicy(*connection_, {2, 0}).status()));
}

}  // namespace
}  // namespace auscult::db
