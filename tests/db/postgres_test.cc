#include "db/postgres.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using support::PostgresCluster;
using support::TestDatabase;
using ::testing::HasSubstr;

TEST(Param, KeepsItsValueThroughTheDatabase) {
  const TestDatabase database;
  const auto connection = database.Connect();
  const std::string bytes("\0\x01'\\\xff", 5);
  const Param values[] = {Int(std::numeric_limits<int64_t>::min()),
                          Real(0.1),
                          Real(std::numeric_limits<double>::infinity()),
                          Real(std::nan("")),
                          Text("Robert'); DROP TABLE asset;--\n\"\\"),
                          Bytes(bytes),
                          TimeUs(1'700'000'000'123'457),
                          Bool(true),
                          Null()};
  const absl::StatusOr<Rows> rows = connection->Query(
      "SELECT $1::bigint, $2::float8, $3::float8, $4::float8, $5::text, $6::bytea,"
      " unix_us($7::timestamptz), $8::bool, $9::text",
      values);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->Int(0, 0), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(rows->Real(0, 1), 0.1);
  EXPECT_EQ(rows->Real(0, 2), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(rows->IsNull(0, 3));
  EXPECT_TRUE(std::isnan(rows->Real(0, 3)));
  EXPECT_EQ(rows->Text(0, 4), "Robert'); DROP TABLE asset;--\n\"\\");
  EXPECT_EQ(rows->Bytes(0, 5), bytes);
  EXPECT_EQ(rows->Int(0, 6), 1'700'000'000'123'457);
  EXPECT_TRUE(rows->Bool(0, 7));
  EXPECT_TRUE(rows->IsNull(0, 8));
}

TEST(Param, TimeDoesNotDependOnTheSession) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(connection->Execute("SET timezone = 'Asia/Kolkata'").ok());
  ASSERT_TRUE(connection->Execute("SET datestyle = 'German, DMY'").ok());
  for (const int64_t us : {int64_t{0}, int64_t{-1}, int64_t{946684799999999},
                           int64_t{-62135596800000000}, int64_t{253402300799999999}}) {
    const Param values[] = {TimeUs(us)};
    const absl::StatusOr<Rows> rows = connection->Query("SELECT unix_us($1)", values);
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_EQ(rows->Int(0, 0), us);
  }
  EXPECT_EQ(TimeUs(std::numeric_limits<int64_t>::max()), TimeUs(253402300799999999));
}

TEST(Param, ArraysKeepQuotesAndNulls) {
  const TestDatabase database;
  const Param items[] = {Text("a\"b\\,{}"), Null(), Text(""), Text("NULL")};
  const Param values[] = {Array(items)};
  const absl::StatusOr<Rows> rows = database.Connect()->Query("SELECT unnest($1::text[])", values);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->count(), 4);
  EXPECT_EQ(rows->Text(0, 0), "a\"b\\,{}");
  EXPECT_TRUE(rows->IsNull(1, 0));
  EXPECT_EQ(rows->Text(2, 0), "");
  EXPECT_EQ(rows->Text(3, 0), "NULL");
}

TEST(Connection, MapsSqlStatesToStatusCodes) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(connection
                  ->ExecuteScript("CREATE TABLE parent (id int PRIMARY KEY CHECK (id > 0));"
                                  "CREATE TABLE child (id int REFERENCES parent);"
                                  "INSERT INTO parent VALUES (1)")
                  .ok());
  const struct {
    Sql sql;
    absl::StatusCode code;
    const char* words;
  } cases[] = {
      {"INSERT INTO parent VALUES (1)", absl::StatusCode::kAlreadyExists, "duplicate key"},
      {"INSERT INTO child VALUES (7)", absl::StatusCode::kFailedPrecondition, "foreign key"},
      {"INSERT INTO parent VALUES (-1)", absl::StatusCode::kFailedPrecondition, "check constraint"},
      {"SELECT 1 / 0", absl::StatusCode::kInvalidArgument, "division by zero"},
      {"SELECT '{'::jsonb", absl::StatusCode::kInvalidArgument, "json"},
      {"SELEC 1", absl::StatusCode::kInternal, "syntax error"},
      {"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$", absl::StatusCode::kAborted, "40001"},
      {"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40P01'; END $$", absl::StatusCode::kAborted, "40P01"},
      {"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '55P03'; END $$", absl::StatusCode::kAborted, "55P03"},
      {"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '53100'; END $$", absl::StatusCode::kResourceExhausted,
       "53100"},
      {"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '08006'; END $$", absl::StatusCode::kUnavailable,
       "08006"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.sql.text());
    const absl::Status status = connection->Execute(c.sql);
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.words));
  }
}

TEST(Connection, EndsStatementsThatTakeTooLong) {
  const TestDatabase database;
  // What the connection string says wins over the limits that Open sets.
  const auto connection =
      Connection::Open(database.conninfo() + " options='-c statement_timeout=50ms'");
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_EQ((*connection)->Execute("SELECT pg_sleep(20)").code(),
            absl::StatusCode::kDeadlineExceeded);
  const absl::StatusOr<Rows> limit = (*connection)->Query("SELECT current_setting('lock_timeout')");
  ASSERT_TRUE(limit.ok());
  EXPECT_EQ(limit->Text(0, 0), "10s");
}

TEST(Connection, RefusesAStringThatItCannotReadWithoutRepeatingIt) {
  const auto connection = Connection::Open("host=localhost secret");
  EXPECT_EQ(connection.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(connection.status().message()), Not(HasSubstr("secret")));
}

TEST(Connection, SaysWhereNobodyAnswers) {
  const auto connection = Connection::Open("host=/tmp/no-such-folder dbname=x");
  EXPECT_EQ(connection.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(connection.status().message()), HasSubstr("/tmp/no-such-folder"));
}

TEST(Connection, NoticesThatItWasClosedWhileItLayIdle) {
  const TestDatabase database;
  const auto connection = database.Connect(), other = database.Connect();
  EXPECT_TRUE(connection->healthy());
  ASSERT_TRUE(other
                  ->Execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                            " WHERE datname = current_database() AND pid <> pg_backend_pid()")
                  .ok());
  EXPECT_FALSE(connection->healthy());
  EXPECT_EQ(connection->Execute("SELECT 1").code(), absl::StatusCode::kUnavailable);
}

TEST(CopyBuffer, CarriesEveryType) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(connection
                  ->Execute("CREATE TABLE every (a int2, b int4, c int8, d float4, e float4,"
                            " f float8, g bytea, h text, i jsonb, j timestamptz, k real[],"
                            " l real[], m float4)")
                  .ok());
  const std::string bytes("\0\xff\x80", 3);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CopyBuffer buffer;
  for (int row = 0; row < 2; ++row) {
    buffer.StartRow(13);
    buffer.Int16(-2);
    buffer.Int32(std::numeric_limits<int32_t>::min());
    buffer.Int64(std::numeric_limits<int64_t>::max());
    buffer.Float32(nan);
    buffer.Float32OrNull(nan);
    buffer.Float64(-0.1);
    buffer.Bytes(bytes);
    buffer.Text("\xc3\xa4 'x'");
    buffer.Json("{\"a\": 1.5}");
    buffer.TimeUs(-1);
    buffer.FloatArray(std::vector<float>{0.1f, nan, -std::numeric_limits<float>::infinity()});
    buffer.FloatArray({});
    buffer.Null();
  }
  EXPECT_EQ(buffer.row_count(), 2u);
  const absl::Status copied =
      connection->CopyIn("COPY every FROM STDIN (FORMAT binary)", buffer.Finish());
  ASSERT_TRUE(copied.ok()) << copied;
  EXPECT_EQ(buffer.row_count(), 0u);
  const absl::StatusOr<Rows> rows =
      connection->Query("SELECT a, b, c, d, e, f, g, h, i ->> 'a', unix_us(j), k, l, m FROM every");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->count(), 2);
  EXPECT_EQ(rows->Int(1, 0), -2);
  EXPECT_EQ(rows->Int(1, 1), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(rows->Int(1, 2), std::numeric_limits<int64_t>::max());
  EXPECT_FALSE(rows->IsNull(1, 3));
  EXPECT_TRUE(std::isnan(rows->Real(1, 3)));
  EXPECT_TRUE(rows->IsNull(1, 4));
  EXPECT_EQ(rows->Real(1, 5), -0.1);
  EXPECT_EQ(rows->Bytes(1, 6), bytes);
  EXPECT_EQ(rows->Text(1, 7), "\xc3\xa4 'x'");
  EXPECT_EQ(rows->Text(1, 8), "1.5");
  EXPECT_EQ(rows->Int(1, 9), -1);
  const std::vector<float> values = rows->FloatArray(1, 10);
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values[0], 0.1f);
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(values[2], -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(rows->FloatArray(1, 11).empty());
  EXPECT_TRUE(rows->IsNull(1, 12));
}

TEST(CopyBuffer, OfMegabytesArrivesWhole) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(connection->Execute("CREATE TABLE big (a bytea)").ok());
  CopyBuffer buffer;
  for (int row = 0; row < 5; ++row) {
    buffer.StartRow(1);
    buffer.Bytes(std::string(1'000'003, static_cast<char>(row)));
  }
  ASSERT_TRUE(connection->CopyIn("COPY big FROM STDIN (FORMAT binary)", buffer.Finish()).ok());
  const absl::StatusOr<Rows> rows = connection->Query("SELECT sum(length(a)) FROM big");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->Int(0, 0), 5 * 1'000'003);
}

TEST(CopyIn, LeavesTheConnectionUsableAfterABadRow) {
  const TestDatabase database;
  const auto connection = database.Connect();
  ASSERT_TRUE(connection->Execute("CREATE TABLE strict (a jsonb)").ok());
  CopyBuffer buffer;
  buffer.StartRow(1);
  buffer.Json("{");
  EXPECT_EQ(connection->CopyIn("COPY strict FROM STDIN (FORMAT binary)", buffer.Finish()).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(connection->Execute("SELECT 1").ok());
  EXPECT_FALSE(connection->in_transaction());
}

int64_t CountOf(Connection& connection) {
  const absl::StatusOr<Rows> rows = connection.Query("SELECT count(*) FROM site");
  return rows.ok() ? rows->Int(0, 0) : -1;
}

TEST(InTransaction, CommitsOrLeavesNothing) {
  const TestDatabase database;
  const auto connection = database.Connect();
  EXPECT_TRUE(InTransaction(*connection, [&] {
                return connection->Execute("INSERT INTO site (slug) VALUES ('a')");
              }).ok());
  EXPECT_EQ(
      InTransaction(*connection,
                    [&]() -> absl::Status {
                      connection->Execute("INSERT INTO site (slug) VALUES ('b')").IgnoreError();
                      return absl::CancelledError("changed my mind");
                    })
          .code(),
      absl::StatusCode::kCancelled);
  EXPECT_EQ(CountOf(*connection), 1);
}

TEST(InTransaction, DoesNotCallARollbackACommit) {
  const TestDatabase database;
  const auto connection = database.Connect();
  const absl::Status status = InTransaction(*connection, [&] {
    connection->Execute("INSERT INTO site (slug) VALUES ('a')").IgnoreError();
    connection->Execute("SELECT 1 / 0").IgnoreError();
    return absl::OkStatus();
  });
  EXPECT_THAT(std::string(status.message()), HasSubstr("nothing was committed"));
  EXPECT_FALSE(connection->in_transaction());
  EXPECT_EQ(CountOf(*connection), 0);
}

TEST(InTransaction, NestsSoThatAFailureInsideCanBeSurvived) {
  const TestDatabase database;
  const auto connection = database.Connect();
  const absl::Status status = InTransaction(*connection, [&] {
    EXPECT_TRUE(connection->Execute("INSERT INTO site (slug) VALUES ('a')").ok());
    EXPECT_FALSE(InTransaction(*connection, [&] {
                   return connection->Execute("INSERT INTO site (slug) VALUES ('a')");
                 }).ok());
    return InTransaction(
        *connection, [&] { return connection->Execute("INSERT INTO site (slug) VALUES ('b')"); });
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(CountOf(*connection), 2);
}

TEST(InTransaction, SaysWhenTheOutcomeOfACommitIsUnknown) {
  const TestDatabase database;
  const auto connection = database.Connect();
  // Kills its own backend while the commit runs.
  ASSERT_TRUE(connection
                  ->ExecuteScript(
                      "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
                      " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
                      "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON site"
                      " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()")
                  .ok());
  bool commit_unknown = false;
  const absl::Status status = InTransaction(
      *connection, [&] { return connection->Execute("INSERT INTO site (slug) VALUES ('a')"); },
      &commit_unknown);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_TRUE(commit_unknown);
}

TEST(Pool, LendsUpToItsSizeAndThenSaysSo) {
  const TestDatabase database;
  Pool pool(database.conninfo(), 2);
  const auto first = pool.Acquire();
  ASSERT_TRUE(first.ok()) << first.status();
  {
    const auto second = pool.Acquire();
    ASSERT_TRUE(second.ok());
    const auto third = pool.Acquire(std::chrono::milliseconds(30));
    EXPECT_EQ(third.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(std::string(third.status().message()), HasSubstr("2 database connections"));
  }
  EXPECT_TRUE(pool.Acquire(std::chrono::milliseconds(30)).ok());
}

TEST(Pool, ReplacesABrokenConnection) {
  const TestDatabase database;
  Pool pool(database.conninfo(), 1);
  {
    const auto lease = pool.Acquire();
    ASSERT_TRUE(lease.ok());
    EXPECT_TRUE((*lease)->Execute("SELECT 1").ok());
  }
  ASSERT_TRUE(database.Connect()
                  ->Execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                            " WHERE datname = current_database() AND pid <> pg_backend_pid()")
                  .ok());
  const auto lease = pool.Acquire();
  ASSERT_TRUE(lease.ok()) << lease.status();
  EXPECT_TRUE((*lease)->Execute("SELECT 1").ok());
}

TEST(Pool, DoesNotLendAnOpenTransaction) {
  const TestDatabase database;
  Pool pool(database.conninfo(), 1);
  {
    const auto lease = pool.Acquire();
    ASSERT_TRUE(lease.ok());
    ASSERT_TRUE((*lease)->Begin().ok());
    ASSERT_TRUE((*lease)->Execute("INSERT INTO site (slug) VALUES ('a')").ok());
  }
  const auto lease = pool.Acquire();
  ASSERT_TRUE(lease.ok());
  EXPECT_FALSE((*lease)->in_transaction());
  EXPECT_EQ(CountOf(**lease), 0);
}

TEST(Pool, ReportsADatabaseThatIsAwayAndFindsItAgain) {
  PostgresCluster cluster({.fsync = false});
  const TestDatabase database(cluster);
  Pool pool(database.conninfo(), 2);
  EXPECT_TRUE(pool.Acquire().ok());
  cluster.Kill();
  for (int i = 0; i < 5; ++i) {  // a failure gives its place back
    EXPECT_EQ(pool.Acquire().status().code(), absl::StatusCode::kUnavailable);
  }
  cluster.Start();
  const auto lease = pool.Acquire();
  ASSERT_TRUE(lease.ok()) << lease.status();
  EXPECT_TRUE((*lease)->Execute("SELECT 1").ok());
}

}  // namespace
}  // namespace auscult::db
