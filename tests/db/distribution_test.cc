// What Citus asks of a schema whose tables are distributed by asset_id, held over the catalogue.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "db/postgres.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using support::TestDatabase;
using ::testing::IsEmpty;

// Tables that every node holds whole: small, or not of one asset. All others are distributed.
constexpr char kReferenceTables[] =
    "{site,bearing,asset,schema_version,model_version,model_activation,operation,rescore,schedule,"
    "schedule_run,retention_policy,storage_sample,access_key,quota,audit}";

class Distribution : public ::testing::Test {
 protected:
  Distribution() : connection_(database_.Connect()) {
    const Param names[] = {Text(kReferenceTables)};
    const absl::Status status = connection_->Execute(
        "CREATE TEMP TABLE place AS SELECT oid AS relid, relname,"
        " relname = ANY ($1::text[]) AS whole FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition",
        names);
    EXPECT_TRUE(status.ok()) << status;
  }
  std::vector<std::string> Lines(Sql sql) {
    const absl::StatusOr<Rows> rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<std::string> lines;
    for (int row = 0; rows.ok() && row < rows->count(); ++row) {
      lines.emplace_back(rows->Text(row, 0));
    }
    return lines;
  }
  // One check for each rule, so that it can be seen to find what breaks it.
  std::vector<std::string> WithoutAssetId() {
    return Lines(
        "SELECT relname::text FROM place WHERE NOT whole AND NOT EXISTS (SELECT FROM pg_attribute"
        " WHERE attrelid = relid AND attname = 'asset_id' AND attnotnull"
        "  AND atttypid = 'bigint'::regtype)");
  }
  std::vector<std::string> KeysAcrossAssets() {
    return Lines(
        "SELECT indexrelid::regclass::text FROM pg_index JOIN place ON relid = indrelid"
        " WHERE NOT whole AND (indisunique OR indisexclusion) AND NOT EXISTS (SELECT"
        "  FROM pg_attribute WHERE attrelid = indrelid AND attname = 'asset_id'"
        "  AND attnum = ANY (indkey))");
  }
  // Between two distributed tables by asset_id; never from a whole table to a distributed one.
  std::vector<std::string> ForeignKeysAcrossNodes() {
    return Lines(
        "SELECT conname::text FROM pg_constraint JOIN place here ON here.relid = conrelid"
        " JOIN place there ON there.relid = confrelid WHERE contype = 'f' AND NOT there.whole"
        " AND (here.whole OR NOT EXISTS (SELECT FROM unnest(conkey, confkey) AS pair (h, t)"
        "  JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = h"
        "  JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = t"
        "  WHERE a.attname = 'asset_id' AND b.attname = 'asset_id'))");
  }
  // Numbers are drawn by each node from a range of its own, which only bigint has room for.
  std::vector<std::string> NarrowIdentities() {
    return Lines(
        "SELECT relname || '.' || attname FROM place JOIN pg_attribute ON attrelid = relid"
        " WHERE NOT whole AND attidentity <> '' AND atttypid <> 'bigint'::regtype");
  }
  void Do(Sql sql) {
    const absl::Status status = connection_->Execute(sql);
    ASSERT_TRUE(status.ok()) << status;
  }

  const TestDatabase database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(Distribution, IsPossibleByAssetId) {
  EXPECT_THAT(WithoutAssetId(), IsEmpty());
  EXPECT_THAT(KeysAcrossAssets(), IsEmpty());
  EXPECT_THAT(ForeignKeysAcrossNodes(), IsEmpty());
  EXPECT_THAT(NarrowIdentities(), IsEmpty());
  // Of the audit log alone, which docs/operations.md says has to go.
  EXPECT_EQ(Lines("SELECT DISTINCT tgname::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"),
            (std::vector<std::string>{"audit_changes", "audit_is_kept", "audit_rows"}));
  EXPECT_EQ(Lines("SELECT count(*) FROM place WHERE whole"), std::vector<std::string>{"15"});
}

TEST_F(Distribution, IsSeenToBreakWhereATableDoesNotFit) {
  Do("INSERT INTO place VALUES ('site'::regclass, 'site', false)");
  EXPECT_EQ(WithoutAssetId(), std::vector<std::string>{"site"});
  Do("DELETE FROM place WHERE NOT whole AND relname = 'site'");
  Do("CREATE UNIQUE INDEX one_number ON alarm (alarm_id)");
  EXPECT_EQ(KeysAcrossAssets(), std::vector<std::string>{"one_number"});
  Do("DROP INDEX one_number");
  Do("ALTER TABLE bearing ADD COLUMN asset_id bigint, ADD COLUMN point_id bigint,"
     " ADD CONSTRAINT astray FOREIGN KEY (asset_id, point_id) REFERENCES point");
  EXPECT_EQ(ForeignKeysAcrossNodes(), std::vector<std::string>{"astray"});
}

// The statements that docs/operations.md gives.
TEST_F(Distribution, IsDescribedForEveryTable) {
  std::ifstream file(AUSCULT_SOURCE_DIR "/docs/operations.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const size_t whole = page.find("SELECT create_reference_table"),
               spread = page.find("SELECT create_distributed_table");
  ASSERT_TRUE(whole != std::string::npos && spread != std::string::npos && whole < spread);
  const std::string first = page.substr(whole, spread - whole),
                    second = page.substr(spread, page.find("```", spread) - spread);
  for (const std::string& name : Lines("SELECT relname::text FROM place WHERE whole")) {
    EXPECT_NE(first.find("'" + name + "'"), std::string::npos) << name;
  }
  for (const std::string& name : Lines("SELECT relname::text FROM place WHERE NOT whole")) {
    EXPECT_NE(second.find("'" + name + "'"), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace auscult::db
