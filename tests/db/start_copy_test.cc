// COPY that is not waited for: what comes next on the connection waits, and hears of its errors.
#include <gtest/gtest.h>

#include <string>

#include "db/postgres.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

class StartCopyIn : public ::testing::Test {
 protected:
  StartCopyIn() {
    EXPECT_TRUE(connection_->Execute("CREATE TABLE numbers (n bigint PRIMARY KEY)").ok());
  }
  absl::Status Start(int64_t first, int count) {
    CopyBuffer buffer;
    for (int64_t n = first; n < first + count; ++n) {
      buffer.StartRow(1);
      buffer.Int64(n);
    }
    return connection_->StartCopyIn("COPY numbers FROM STDIN (FORMAT binary)", buffer.Finish());
  }
  int64_t Count() {
    const absl::StatusOr<Rows> rows = connection_->Query("SELECT count(*) FROM numbers");
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, 0) : -1;
  }

  const support::TestDatabase database_;
  std::unique_ptr<Connection> connection_{database_.Connect()};
};

TEST_F(StartCopyIn, IsWaitedForByWhateverComesNext) {
  ASSERT_TRUE(Start(0, 100'000).ok());
  ASSERT_TRUE(Start(100'000, 10).ok());
  EXPECT_EQ(Count(), 100'010);
  EXPECT_TRUE(connection_->FinishCopy().ok()) << "nothing is left to wait for";
  EXPECT_FALSE(connection_->in_transaction());
}

TEST_F(StartCopyIn, TellsAnErrorOnceToWhoeverComesNext) {
  ASSERT_TRUE(Start(0, 10).ok());
  ASSERT_TRUE(Start(5, 10).ok()) << "PostgreSQL has not looked at the rows yet";
  EXPECT_TRUE(absl::IsAlreadyExists(connection_->Query("SELECT 1").status()));
  EXPECT_EQ(Count(), 10);
  ASSERT_TRUE(Start(5, 1).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(connection_->FinishCopy()));
  EXPECT_EQ(Count(), 10);
}

TEST_F(StartCopyIn, IsPartOfItsTransaction) {
  EXPECT_TRUE(InTransaction(*connection_, [&] { return Start(0, 10); }).ok());
  EXPECT_EQ(Count(), 10);
  EXPECT_TRUE(absl::IsAlreadyExists(InTransaction(*connection_, [&] { return Start(9, 10); })))
      << "rows that nobody waited for fail the transaction";
  EXPECT_FALSE(connection_->in_transaction());
  EXPECT_TRUE(absl::IsInternal(InTransaction(*connection_, [&] {
    EXPECT_TRUE(Start(9, 10).ok());
    return absl::InternalError("the body's own error comes first");
  })));
  const absl::Status nested = InTransaction(*connection_, [&] {
    EXPECT_TRUE(absl::IsAlreadyExists(InTransaction(*connection_, [&] { return Start(0, 1); })));
    return Start(20, 1);
  });
  EXPECT_TRUE(nested.ok()) << nested;
  EXPECT_EQ(Count(), 11);
}

}  // namespace
}  // namespace auscult::db
