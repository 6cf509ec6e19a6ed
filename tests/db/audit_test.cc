// What the audit log holds of changes, and that it is one unbroken chain however they come.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "db/audit_log.h"
#include "db/plant_store.h"
#include "db/trend_writer.h"
#include "tests/db/plant_of_points.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Sql kCount("SELECT count(*) FROM audit");
// Entries that do not follow from the one before.
constexpr Sql kBroken(
    "SELECT count(*) FROM (SELECT *, lag(hash) OVER w AS last, row_number() OVER w AS number"
    " FROM audit WINDOW w AS (ORDER BY sequence)) AS entry"
    " WHERE sequence <> number OR previous_hash <> coalesce(last, decode(repeat('00', 32), 'hex'))"
    "  OR hash <> sha256(convert_to(encode(previous_hash, 'hex') || hashed, 'UTF8'))"
    "  OR (hashed::json ->> 'sequence')::bigint <> sequence");

class AuditLog : public ::testing::Test {
 protected:
  std::vector<std::string> Entries(int64_t after) {
    const auto rows = ListAuditRows(*connection_, after, std::nullopt, 1000);
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<std::string> entries;
    for (const AuditRow& row : *rows) entries.push_back(row.hashed);
    return entries;
  }
  int64_t Number(Sql sql) {
    const absl::StatusOr<Rows> rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? rows->Int(0, 0) : -1;
  }
  // The entries that a statement brings.
  std::vector<std::string> EntriesOf(Sql sql) {
    const int64_t before = Number(kCount);
    const absl::Status status = connection_->Execute(sql);
    EXPECT_TRUE(status.ok()) << status << sql.text();
    return Entries(before);
  }
  const support::TestDatabase database_;
  std::unique_ptr<Connection> connection_{database_.Connect()};
};

TEST_F(AuditLog, SaysWhoChangedWhat) {
  connection_->ActFor({.principal = "keys/\"boss\"", .request_id = "r-17", .site_ids = {}});
  EXPECT_THAT(EntriesOf("INSERT INTO site (slug) VALUES ('north')"),
              ElementsAre(AllOf(
                  HasSubstr(R"("actor" : "keys/\"boss\"")"), HasSubstr(R"("request_id" : "r-17")"),
                  HasSubstr(R"("site" : "sites/north")"),
                  HasSubstr(R"("subject" : "site", "action" : "insert")"),
                  HasSubstr(R"("before" : "")"), HasSubstr(R"(\"slug\": \"north\")"))));
  connection_->ActForNobody();
  EXPECT_THAT(
      EntriesOf("UPDATE site SET display_name = 'Nord'"),
      ElementsAre(AllOf(HasSubstr(R"("actor" : "database:auscult")"),
                        HasSubstr(R"("action" : "update")"), HasSubstr(R"(\"display_name\": \"\")"),
                        HasSubstr(R"(\"display_name\": \"Nord\")"))));
  EXPECT_THAT(EntriesOf("UPDATE site SET display_name = 'Nord'"), ElementsAre())
      << "nothing changed";
}

TEST_F(AuditLog, KnowsTheSiteOfWhatGoesWithIt) {
  ASSERT_TRUE(connection_->Execute("INSERT INTO site (slug) VALUES ('north')").ok());
  ASSERT_TRUE(connection_
                  ->Execute("INSERT INTO asset (site_id, slug) SELECT site_id, 'pump'"
                            " FROM site")
                  .ok());
  ASSERT_TRUE(connection_
                  ->Execute("INSERT INTO point (asset_id, site_id, slug, definition)"
                            " SELECT asset_id, site_id, 'p', '{}' FROM asset")
                  .ok());
  const std::vector<std::string> entries = EntriesOf("DELETE FROM site");
  ASSERT_EQ(entries.size(), 3u);
  for (const std::string& entry : entries) {
    EXPECT_THAT(entry,
                AllOf(HasSubstr(R"("site" : "sites/north")"), HasSubstr(R"("action" : "delete")")));
  }
}

TEST_F(AuditLog, HoldsHashesInPlaceOfFilesAndSecrets) {
  const std::vector<std::string> model = EntriesOf(
      "INSERT INTO model_version (model, feature_set, faults, recipe, metrics, content_hash, file)"
      " VALUES ('diagnosis', 1, '{}', '', '', sha256('weights'), 'weights')");
  ASSERT_EQ(model.size(), 1u);
  // SHA-256 of "weights"; in hex the file itself would be 77656967687473.
  EXPECT_THAT(model[0], AllOf(Not(HasSubstr("77656967687473")), HasSubstr(R"(\"file\": \"\\\\x)")));
  EXPECT_THAT(EntriesOf("INSERT INTO access_key (slug, grants, secret_hash)"
                        " VALUES ('k', '[]', sha256('secret'))"),
              ElementsAre(AllOf(
                  HasSubstr("2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"),
                  HasSubstr(R"("site" : "")"))));
  EXPECT_THAT(EntriesOf("UPDATE access_key SET last_use_time = now()"), ElementsAre());
  EXPECT_THAT(EntriesOf("UPDATE access_key SET revoke_time = now()"),
              ElementsAre(HasSubstr(R"(\"revoke_time\": \"20)")));
}

TEST_F(AuditLog, IsNeverRewritten) {
  ASSERT_TRUE(connection_->Execute("INSERT INTO site (slug) VALUES ('north')").ok());
  for (const Sql sql : {Sql("UPDATE audit SET hashed = ''"), Sql("DELETE FROM audit"),
                        Sql("DELETE FROM audit WHERE false"), Sql("TRUNCATE audit")}) {
    EXPECT_THAT(std::string(connection_->Execute(sql).message()), HasSubstr("never rewritten"))
        << sql.text();
  }
}

TEST_F(AuditLog, ForgetsWhatWasRolledBack) {
  EXPECT_FALSE(InTransaction(*connection_, [&] {
                 EXPECT_TRUE(connection_->Execute("INSERT INTO site (slug) VALUES ('a')").ok());
                 return absl::InternalError("changed his mind");
               }).ok());
  EXPECT_EQ(Number(kCount), 0);
  EXPECT_TRUE(InTransaction(*connection_, [&] {
                EXPECT_FALSE(
                    InTransaction(*connection_, [&] {
                      connection_->Execute("INSERT INTO site (slug) VALUES ('b')").IgnoreError();
                      return absl::InternalError("this part alone");
                    }).ok());
                return connection_->Execute("INSERT INTO site (slug) VALUES ('c')");
              }).ok());
  EXPECT_THAT(Entries(0), ElementsAre(HasSubstr(R"("sequence" : 1)")));
}

TEST_F(AuditLog, IsOneChainOfManyWritersAtOnce) {
  constexpr int kWriters = 8, kChanges = 25;
  {
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([this, writer] {
        const auto connection = database_.Connect();
        connection->ActFor(
            {.principal = "keys/" + std::to_string(writer), .request_id = "", .site_ids = {}});
        for (int change = 0; change < kChanges; ++change) {
          const Param values[] = {Text("s" + std::to_string(writer * kChanges + change))};
          const bool kept = change % 5 != 0;
          const absl::Status status = InTransaction(*connection, [&] {
            absl::Status made = connection->Execute("INSERT INTO site (slug) VALUES ($1)", values);
            if (made.ok()) {
              made =
                  connection->Execute("UPDATE site SET time_zone = 'UTC' WHERE slug = $1", values);
            }
            return kept ? made : absl::CancelledError("not this one");
          });
          EXPECT_EQ(status.ok(), kept) << status;
        }
      });
    }
  }
  EXPECT_EQ(Number(kCount), kWriters * kChanges * 4 / 5 * 2);
  EXPECT_EQ(Number(kBroken), 0);
}

TEST_F(AuditLog, IsFoundBrokenByItsOwnCheck) {
  for (const Sql sql :
       {Sql("INSERT INTO site (slug) VALUES ('a')"), Sql("INSERT INTO site (slug) VALUES ('b')"),
        Sql("INSERT INTO site (slug) VALUES ('c')")}) {
    ASSERT_TRUE(connection_->Execute(sql).ok());
  }
  ASSERT_TRUE(connection_->Execute("ALTER TABLE audit DISABLE TRIGGER USER").ok());
  ASSERT_TRUE(
      connection_->Execute("UPDATE audit SET hashed = replace(hashed, 'sites/b', 'sites/x')").ok());
  EXPECT_EQ(Number(kBroken), 1);
}

// Records are no decisions of people: they neither write the log nor wait for its lock.
TEST(AuditLogOfPoints, IsNotTouchedByRecords) {
  PlantOfPoints plant(2);
  const int64_t before = plant.Count(kCount);
  EXPECT_EQ(before, 4) << "site, asset and two points";
  const auto other = plant.database().Connect();
  ASSERT_TRUE(other->Begin().ok());
  ASSERT_TRUE(
      other->Execute("SELECT pg_advisory_xact_lock(hashtext('auscult'), hashtext('audit'))").ok());
  BaselineCache baselines(10);
  TrendWriter writer(plant.conninfo(), &baselines);
  for (int first = 0; first < 400; first += 100) {
    // Enough to learn a baseline, to raise an alarm and to close it again.
    const float fault_db = first == 200 ? 20.0f : 0.0f;
    EXPECT_EQ(plant.Accepted(writer.Write(plant.MakeSeries(0, first, 100, fault_db))), 100);
  }
  EXPECT_GT(plant.Count("SELECT count(*) FROM alarm"), 0);
  EXPECT_GT(plant.Count("SELECT count(*) FROM baseline"), 0);
  EXPECT_EQ(plant.Count(kCount), before);
  ASSERT_TRUE(other->Execute("ROLLBACK").ok());
  EXPECT_TRUE(plant.connection()
                  .Execute("UPDATE alarm SET acknowledged_at = now(), acknowledged_by = 'Kim'")
                  .ok());
  EXPECT_GT(plant.Count(kCount), before);
}

}  // namespace
}  // namespace auscult::db
