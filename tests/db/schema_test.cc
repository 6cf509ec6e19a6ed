// The rules that the schema itself must keep, read from PostgreSQL's own catalogue.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "db/embedded_sql.h"
#include "db/migrate.h"
#include "db/postgres.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using support::PostgresCluster;
using support::TestDatabase;
using ::testing::AllOf;
using ::testing::HasSubstr;

// The first column of every row.
std::vector<std::string> Lines(Connection& connection, Sql sql) {
  const absl::StatusOr<Rows> rows = connection.Query(sql);
  EXPECT_TRUE(rows.ok()) << rows.status();
  std::vector<std::string> lines;
  if (!rows.ok()) return lines;
  for (int row = 0; row < rows->count(); ++row) lines.emplace_back(rows->Text(row, 0));
  return lines;
}

// All that a schema consists of, in words: columns, keys, indexes, functions, views, options.
std::vector<std::string> Catalogue(Connection& connection) {
  std::vector<std::string> all = Lines(
      connection,
      "SELECT format('%s.%s %s %s null:%s default:%s identity:%s storage:%s collation:%s at %s',"
      "  relname, attname, format_type(atttypid, atttypmod), relkind, attnotnull,"
      "  pg_get_expr(adbin, adrelid), attidentity, attstorage, attcollation::regcollation, attnum)"
      " FROM pg_class JOIN pg_attribute a ON attrelid = pg_class.oid"
      " LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
      " WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped ORDER BY "
      "1");
  for (const Sql sql :
       {Sql("SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid))"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1"),
        Sql("SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON oid = indrelid"
            " WHERE relnamespace = 'public'::regnamespace ORDER BY 1"),
        Sql("SELECT pg_get_functiondef(oid) FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace ORDER BY 1"),
        Sql("SELECT format('%s %s', viewname, definition) FROM pg_views"
            " WHERE schemaname = 'public' ORDER BY 1"),
        Sql("SELECT format('%s %s %s', relname, reloptions, pg_get_partkeydef(oid)) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace ORDER BY 1"),
        Sql("SELECT format('%s %s %s %s', oid::regclass, relrowsecurity, relforcerowsecurity, "
            "relacl)"
            " FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"),
        Sql("SELECT format('%s %s', proname, proacl) FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace ORDER BY 1"),
        Sql("SELECT pg_policies::text FROM pg_policies ORDER BY 1"),
        Sql("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")}) {
    const std::vector<std::string> more = Lines(connection, sql);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

TEST(Schema, IsTheSameWholeAndByMigrations) {
  const TestDatabase whole{TestDatabase::Empty()}, stepwise{TestDatabase::Empty()};
  const auto first = whole.Connect(), second = stepwise.Connect();
  ASSERT_TRUE(Migrate(*first).ok());
  ASSERT_TRUE(MigrateStepwise(*second).ok());
  const std::vector<std::string> catalogue = Catalogue(*first);
  EXPECT_GT(catalogue.size(), 150u);
  EXPECT_EQ(catalogue, Catalogue(*second));
  // The comparison sees what it should.
  ASSERT_TRUE(second->Execute("ALTER TABLE asset ALTER COLUMN kind SET DEFAULT 'pump'").ok());
  EXPECT_NE(catalogue, Catalogue(*second));
}

TEST(Schema, UniqueKeysOfPartitionedTablesBeginWithAssetId) {
  const TestDatabase database;
  const auto connection = database.Connect();
  EXPECT_EQ(Lines(*connection, "SELECT relname::text FROM pg_class WHERE relkind = 'p' ORDER BY 1"),
            (std::vector<std::string>{"event", "extraction", "reading", "reading_rollup_day",
                                      "reading_rollup_hour", "rollup_day", "rollup_hour", "score",
                                      "trend", "waveform"}));
  EXPECT_EQ(
      Lines(*connection,
            "SELECT indexrelid::regclass::text FROM pg_index"
            " JOIN pg_class ON pg_class.oid = indrelid JOIN pg_attribute ON attrelid = indrelid"
            "  AND attnum = indkey[0]"
            " WHERE (relkind = 'p' OR relname IN ('point_state', 'baseline', 'alarm', 'alarm_note',"
            "  'rollup_due', 'rescore_shard', 'adopted_run', 'stale_result'))"
            " AND indisunique AND attname <> 'asset_id'"),
      std::vector<std::string>());
}

TEST(Schema, NoForeignKeyCrossesAssets) {
  const TestDatabase database;
  const auto connection = database.Connect();
  // A key between tables that both have an asset_id joins them by it.
  EXPECT_EQ(Lines(*connection,
                  "SELECT conname::text FROM pg_constraint WHERE contype = 'f'"
                  " AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = confrelid AND attname = "
                  "'asset_id')"
                  " AND NOT EXISTS (SELECT FROM unnest(conkey, confkey) AS pair (here, there)"
                  "  JOIN pg_attribute h ON h.attrelid = conrelid AND h.attnum = here"
                  "  JOIN pg_attribute t ON t.attrelid = confrelid AND t.attnum = there"
                  "  WHERE h.attname = 'asset_id' AND t.attname = 'asset_id')"),
            std::vector<std::string>());
  EXPECT_EQ(
      Lines(*connection,
            "SELECT conrelid::regclass::text FROM pg_constraint"
            " JOIN pg_class ON pg_class.oid = conrelid WHERE contype = 'f' AND relkind = 'p'"),
      std::vector<std::string>());
}

TEST(Schema, EveryTableOfASiteNamesTheSite) {
  const TestDatabase database;
  EXPECT_EQ(
      Lines(*database.Connect(),
            "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p')"
            " AND relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM"
            " pg_attribute WHERE attrelid = pg_class.oid AND attname = 'site_id') ORDER BY 1"),
      (std::vector<std::string>{"access_key", "model_activation", "model_version", "operation",
                                "quota", "rescore", "schema_version", "storage_sample"}));
}

TEST(Migrate, IsDoneOnceByTwoServersAtOnce) {
  const TestDatabase database{TestDatabase::Empty()};
  std::vector<absl::Status> statuses(4);
  {
    std::vector<std::jthread> servers;
    for (absl::Status& status : statuses) {
      servers.emplace_back([&] { status = Migrate(*database.Connect()); });
    }
  }
  for (const absl::Status& status : statuses) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Lines(*database.Connect(), "SELECT version FROM schema_version"),
            std::vector<std::string>{std::to_string(LatestSchemaVersion())});
}

TEST(Migrate, ChangesNothingTheSecondTime) {
  const TestDatabase database;
  const auto connection = database.Connect();
  const std::vector<std::string> before = Catalogue(*connection);
  EXPECT_TRUE(Migrate(*connection).ok());
  EXPECT_EQ(before, Catalogue(*connection));
}

TEST(Migrate, RefusesANewerSchema) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(connection->Execute("INSERT INTO schema_version (version) VALUES (9999)").ok());
  const absl::Status status = Migrate(*connection);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("9999"), HasSubstr("run a newer Auscult")));
}

TEST(Migrate, RefusesADatabaseOfSomebodyElse) {
  const TestDatabase database{TestDatabase::Empty()};
  const auto connection = database.Connect();
  ASSERT_TRUE(connection->Execute("CREATE TABLE invoice (id int)").ok());
  const absl::Status status = Migrate(*connection);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("create an empty database"));
  EXPECT_EQ(Lines(*connection,
                  "SELECT relname::text FROM pg_class WHERE relkind = 'r'"
                  " AND relnamespace = 'public'::regnamespace"),
            std::vector<std::string>{"invoice"});
}

TEST(Migrate, DoesNotMindWhatAnExtensionBrought) {
  const TestDatabase database{TestDatabase::Empty()};
  const auto connection = database.Connect();
  if (!connection->Execute("CREATE EXTENSION pg_stat_statements").ok()) {
    GTEST_SKIP() << "NOT TESTED: tables of an extension; pg_stat_statements is not installed";
  }
  const absl::Status status = Migrate(*connection);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(CheckServer, AcceptsAServerThatKeepsItsPromises) {
  const TestDatabase database;
  EXPECT_TRUE(CheckServer(*database.Connect(), false).ok());
}

TEST(CheckServer, RefusesAServerWithoutFsync) {
  PostgresCluster cluster({.fsync = false});
  const TestDatabase database(cluster);
  const auto connection = database.Connect();
  const absl::Status status = CheckServer(*connection, false);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("fsync off"));
  EXPECT_TRUE(CheckServer(*connection, true).ok());
}

TEST(CheckServer, RefusesASessionThatDoesNotWaitForItsCommits) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(connection->Execute("SET synchronous_commit = off").ok());
  EXPECT_THAT(std::string(CheckServer(*connection, false).message()),
              HasSubstr("synchronous_commit"));
}

}  // namespace
}  // namespace auscult::db
