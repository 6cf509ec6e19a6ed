#include "db/array_param.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "db/postgres.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using Of = ArrayParam::Of;

class ArrayParams : public ::testing::Test {
 protected:
  const support::TestDatabase database_;
  std::unique_ptr<Connection> connection_{database_.Connect()};
};

TEST_F(ArrayParams, ArriveAsTheyWereGiven) {
  std::vector<ArrayParam> params;
  for (const Of element :
       {Of::kInt64, Of::kInt32, Of::kInt16, Of::kFloat32, Of::kBytes, Of::kText, Of::kTime}) {
    params.emplace_back(element);
  }
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  const std::string bytes("\0\xff\"\\,{}", 7), text = "é \"'{},\\ NULL";
  constexpr int64_t kTimeUs = 1'790'000'000'123'456;
  params[0].Int64(kLargest);
  params[1].Int32(-5);
  params[2].Int16(-6);
  params[3].Float32OrNull(0.1f);
  params[4].Bytes(bytes);
  params[5].Text(text);
  params[6].TimeUs(kTimeUs);
  params[0].Int64(-1);
  params[3].Float32OrNull(std::numeric_limits<float>::quiet_NaN());
  for (const size_t i : {1u, 2u, 4u, 5u, 6u}) params[i].Null();
  const auto rows = connection_->QueryArrays(
      "SELECT * FROM unnest($1::bigint[], $2::integer[], $3::smallint[], $4::real[], $5::bytea[],"
      " $6::text[], $7::timestamptz[])",
      params);
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->count(), 2);
  EXPECT_EQ(rows->Int64(0, 0), kLargest);
  EXPECT_EQ(rows->Int32(0, 1), -5);
  EXPECT_EQ(rows->Int16(0, 2), -6);
  EXPECT_EQ(rows->Float32(0, 3), 0.1f);
  EXPECT_EQ(rows->Text(0, 4), bytes);
  EXPECT_EQ(rows->Text(0, 5), text);
  EXPECT_EQ(rows->TimeUs(0, 6), kTimeUs);
  EXPECT_EQ(rows->Int64(1, 0), -1);
  for (int column = 1; column < 7; ++column) EXPECT_TRUE(rows->IsNull(1, column)) << column;
}

TEST_F(ArrayParams, MayBeEmpty) {
  const ArrayParam params[] = {ArrayParam(Of::kInt64)};
  const auto rows = connection_->QueryArrays("SELECT * FROM unnest($1::bigint[])", params);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->count(), 0);
}

TEST_F(ArrayParams, OfAnotherTypeAreRefused) {
  ArrayParam params[] = {ArrayParam(Of::kInt64)};
  params[0].Int64(1);
  EXPECT_FALSE(connection_->QueryArrays("SELECT * FROM unnest($1::integer[])", params).ok());
  EXPECT_TRUE(connection_->Query("SELECT 1").ok());
}

// A server runs on while another one migrates the schema.
TEST_F(ArrayParams, FindTheirStatementPlannedAnewWhenATableHasChanged) {
  ASSERT_TRUE(connection_->Execute("CREATE TABLE numbers (n integer)").ok());
  ASSERT_TRUE(connection_->Execute("INSERT INTO numbers VALUES (7)").ok());
  ArrayParam params[] = {ArrayParam(Of::kInt64)};
  params[0].Int64(7);
  const auto find = [&] {
    return connection_->QueryArrays(
        "SELECT n FROM numbers JOIN unnest($1::bigint[]) AS key ON n = key", params);
  };
  for (int i = 0; i < 20; ++i) ASSERT_EQ(find()->Int32(0, 0), 7);
  ASSERT_TRUE(connection_->Execute("ALTER TABLE numbers ALTER n TYPE bigint").ok());
  EXPECT_TRUE(absl::IsAborted(find().status()));
  const auto found = find();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->Int64(0, 0), 7);
}

// A pooler that takes the start-up options looks like a session of one's own.
TEST_F(ArrayParams, OutliveTheLossOfTheirStatement) {
  ArrayParam params[] = {ArrayParam(Of::kInt64)};
  params[0].Int64(7);
  const auto find = [&](Connection& connection) {
    return connection.QueryArrays("SELECT * FROM unnest($1::bigint[])", params).status();
  };
  ASSERT_TRUE(find(*connection_).ok());
  ASSERT_TRUE(connection_->Execute("DEALLOCATE ALL").ok());
  EXPECT_TRUE(absl::IsAborted(find(*connection_)));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(find(*connection_).ok());
}

}  // namespace
}  // namespace auscult::db
