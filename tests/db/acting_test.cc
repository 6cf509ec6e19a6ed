// Statements in the name of somebody: what PostgreSQL knows of him, and that nothing of it stays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "db/postgres.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using ::testing::HasSubstr;

const Actor kEverywhere = {.principal = "keys/plant", .request_id = "r-1", .site_ids = {}};
const Actor kLimited = {
    .principal = "keys/two", .request_id = "r-2", .site_ids = std::vector<int64_t>{2, 7}};

constexpr Sql kWho(
    "SELECT concat_ws('|', current_user, coalesce(current_setting('auscult.actor', true), ''),"
    " coalesce(current_setting('auscult.request_id', true), ''), "
    "coalesce(current_setting('auscult.sites', true), ''))");
// The same by a statement that might change something.
constexpr Sql kWhoChanges(
    "WITH who AS (SELECT concat_ws('|', current_user, coalesce(current_setting('auscult.actor', "
    "true), ''),"
    " coalesce(current_setting('auscult.request_id', true), ''), "
    "coalesce(current_setting('auscult.sites', true), '')))"
    " SELECT * FROM who");
constexpr char kNobody[] = "auscult|||";

class ActFor : public ::testing::Test {
 protected:
  std::string Asked(Sql sql) {
    const absl::StatusOr<Rows> rows = connection_->Query(sql);
    if (!rows.ok()) return rows.status().ToString();
    return std::string(rows->Text(0, 0));
  }
  const support::TestDatabase database_;
  std::unique_ptr<Connection> connection_{database_.Connect()};
};

TEST_F(ActFor, TellsTransactionsWhoActs) {
  connection_->ActFor(kEverywhere);
  EXPECT_TRUE(InTransaction(*connection_, [&] {
                EXPECT_EQ(Asked(kWho), "auscult|keys/plant|r-1|");
                return absl::OkStatus();
              }).ok());
  connection_->ActFor(kLimited);
  EXPECT_TRUE(InTransaction(*connection_, [&] {
                EXPECT_EQ(Asked(kWho), "auscult_call|keys/two|r-2|{2,7}");
                return absl::OkStatus();
              }).ok());
  connection_->ActForNobody();
  EXPECT_TRUE(InTransaction(*connection_, [&] {
                EXPECT_EQ(Asked(kWho), kNobody);
                return absl::OkStatus();
              }).ok());
}

TEST_F(ActFor, TellsSingleStatementsThatMayChangeSomething) {
  connection_->ActFor(kEverywhere);
  EXPECT_EQ(Asked(kWhoChanges), "auscult|keys/plant|r-1|");
  EXPECT_EQ(Asked(kWho), kNobody) << "what only reads is left alone, and nothing stays";
}

TEST_F(ActFor, LimitsEverySingleStatement) {
  constexpr char kTwo[] = "auscult_call|keys/two|r-2|{2,7}";
  connection_->ActFor(kLimited);
  EXPECT_EQ(Asked(kWho), kTwo);
  EXPECT_EQ(Asked(kWhoChanges), kTwo);
  const absl::StatusOr<BinaryRows> binary = connection_->QueryBinary(kWho);
  ASSERT_TRUE(binary.ok()) << binary.status();
  EXPECT_EQ(binary->Text(0, 0), kTwo);
  ArrayParam numbers(ArrayParam::Of::kInt64);
  numbers.Int64(5);
  for (int again = 0; again < 2; ++again) {
    const absl::StatusOr<BinaryRows> arrays = connection_->QueryArrays(
        "SELECT current_user::text, n FROM unnest($1::bigint[]) AS n", std::span(&numbers, 1));
    ASSERT_TRUE(arrays.ok()) << arrays.status();
    EXPECT_EQ(arrays->Text(0, 0), "auscult_call");
    EXPECT_EQ(arrays->Int64(0, 1), 5);
  }
  ASSERT_TRUE(connection_->Send(kWho, {}).ok());
  const absl::StatusOr<BinaryRows> received = connection_->Receive();
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(received->Text(0, 0), kTwo);
  connection_->ActForNobody();
  EXPECT_EQ(Asked(kWho), kNobody);
}

TEST_F(ActFor, ForgetsWhatNobodyReceived) {
  connection_->ActFor(kLimited);
  ASSERT_TRUE(connection_->Send(kWho, {}).ok());
  ASSERT_TRUE(connection_->Send("SELECT 5::bigint", {}).ok());
  const absl::StatusOr<BinaryRows> rows = connection_->Receive();
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->Int64(0, 0), 5);
  ASSERT_TRUE(connection_->Send(kWho, {}).ok());
  EXPECT_TRUE(connection_->Execute("SELECT 1").ok());
  EXPECT_TRUE(connection_->healthy());
}

TEST_F(ActFor, SaysWhatWentWrong) {
  connection_->ActFor(kLimited);
  EXPECT_TRUE(absl::IsInvalidArgument(connection_->Query("SELECT 1 / 0").status()));
  EXPECT_TRUE(absl::IsInternal(connection_->Query("SELECT nothing FROM nowhere").status()));
  const Actor broken = {.principal = "\xff", .request_id = "", .site_ids = std::vector<int64_t>{1}};
  connection_->ActFor(broken);
  EXPECT_TRUE(absl::IsInvalidArgument(connection_->Query("SELECT 1").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(connection_->Begin()));
  EXPECT_FALSE(connection_->in_transaction()) << "nobody works without his settings";
  connection_->ActForNobody();
  EXPECT_EQ(Asked(kWho), kNobody);
}

// What fails when the transaction ends, after the statement itself was answered.
TEST_F(ActFor, HearsOfTheEndOfItsTransaction) {
  ASSERT_TRUE(connection_
                  ->ExecuteScript("CREATE TABLE late (n int REFERENCES schema_version"
                                  " DEFERRABLE INITIALLY DEFERRED)")
                  .ok());
  connection_->ActFor(kEverywhere);
  const absl::Status status = connection_->Execute("INSERT INTO late VALUES (-1)");
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_EQ(Asked("SELECT count(*) FROM late"), "0");
}

TEST_F(ActFor, DoesNotWaitForALostConnection) {
  const auto other = database_.Connect();
  const absl::StatusOr<Rows> pid = connection_->Query("SELECT pg_backend_pid()");
  ASSERT_TRUE(pid.ok());
  const Param values[] = {Int(pid->Int(0, 0))};
  connection_->ActFor(kLimited);
  ASSERT_TRUE(other->Execute("SELECT pg_terminate_backend($1::int, 5000)", values).ok());
  EXPECT_TRUE(absl::IsUnavailable(connection_->Query("SELECT 1").status()));
  EXPECT_TRUE(absl::IsUnavailable(connection_->Begin()));
  EXPECT_FALSE(connection_->healthy());
}

TEST_F(ActFor, KeepsTheWholeName) {
  connection_->ActFor(
      {.principal = std::string("keys/a\0admin", 12), .request_id = "", .site_ids = {}});
  EXPECT_THAT(Asked(kWhoChanges), HasSubstr("keys/a\uFFFD"
                                            "admin"));
}

TEST_F(ActFor, RefusesTextThatWouldBeCutShort) {
  const Param values[] = {Text(std::string_view("a\0b", 3))};
  EXPECT_TRUE(absl::IsInvalidArgument(connection_->Query("SELECT $1::text", values).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(connection_->QueryBinary("SELECT $1::text", values).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(connection_->Send("SELECT $1::text", values)));
}

TEST_F(ActFor, LetsNobodyCopyAroundTheWall) {
  ASSERT_TRUE(connection_->Execute("INSERT INTO site (slug) VALUES ('s')").ok());
  CopyBuffer buffer;
  buffer.StartRow(2);
  buffer.Int64(1);
  buffer.Text("a");
  const std::string rows = buffer.Finish();
  const Sql copy("COPY asset (site_id, slug) FROM STDIN (FORMAT binary)");
  connection_->ActFor(kLimited);
  EXPECT_FALSE(connection_->CopyIn(copy, rows).ok()) << "outside a transaction";
  EXPECT_FALSE(InTransaction(*connection_, [&] { return connection_->CopyIn(copy, rows); }).ok());
  connection_->ActForNobody();
  EXPECT_EQ(Asked("SELECT count(*) FROM asset"), "0");
  connection_->ActFor(kEverywhere);
  EXPECT_TRUE(InTransaction(*connection_, [&] { return connection_->CopyIn(copy, rows); }).ok());
}

TEST(Pool, GivesBackConnectionsOfNobody) {
  const support::TestDatabase database;
  Pool pool(database.conninfo(), 1);
  {
    const absl::StatusOr<Pool::Lease> lease = pool.Acquire();
    ASSERT_TRUE(lease.ok());
    (*lease)->ActFor(kLimited);
  }
  const absl::StatusOr<Pool::Lease> lease = pool.Acquire();
  ASSERT_TRUE(lease.ok());
  const absl::StatusOr<Rows> rows = (*lease)->Query("SELECT current_user");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->Text(0, 0), "auscult");
}

}  // namespace
}  // namespace auscult::db
