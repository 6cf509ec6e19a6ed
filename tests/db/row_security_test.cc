// The second wall: a call that is limited to sites sees and changes nothing of others, in any
// table. The tables are those of the catalogue, so that none is forgotten.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "db/migrate.h"
#include "db/postgres.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::db {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Every table with a site_id has a row of site 1 and one of site 2.
class RowSecurity : public ::testing::Test {
 protected:
  RowSecurity() {
    const absl::Status filled = InTransaction(*connection_, [&] {
      absl::Status status = connection_->Execute(
          "SELECT make_partition(relname::text, '2026-01-15') FROM pg_class WHERE relkind = 'p'");
      // Without triggers: rows that belong to no asset will do.
      if (status.ok()) {
        status = connection_->Execute("SET LOCAL session_replication_role = replica");
      }
      return status.ok() ? connection_->Execute(kFill) : status;
    });
    EXPECT_TRUE(filled.ok()) << filled;
  }

  static constexpr Sql kFill = R"(DO $$
DECLARE
  guarded regclass; columns text; row_values text;
BEGIN
  FOR guarded IN SELECT c.oid FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
                 WHERE attname = 'site_id' AND relkind IN ('r', 'p') AND NOT relispartition LOOP
    FOR site IN 1..2 LOOP
      SELECT string_agg(quote_ident(attname), ', '), string_agg(CASE
          WHEN typcategory = 'N' THEN site::text
          WHEN typcategory = 'A' THEN '''{}'''
          WHEN typname = 'bytea' THEN format('''\x0%s''', site)
          WHEN typname IN ('json', 'jsonb') THEN '''{}'''
          WHEN typname = 'xid8' THEN 'pg_current_xact_id()'
          WHEN typcategory = 'D' THEN '''2026-01-15'''
          WHEN typcategory = 'B' THEN 'true'
          ELSE quote_literal('s' || site) END, ', ')
      INTO columns, row_values
      FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
      WHERE attrelid = guarded AND attnum > 0 AND NOT attisdropped;
      EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)', guarded, columns,
                     row_values);
    END LOOP;
  END LOOP;
END $$)";

  std::vector<std::string> Lines(Sql sql) {
    const absl::StatusOr<Rows> rows = connection_->Query(sql);
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::vector<std::string> lines;
    for (int row = 0; rows.ok() && row < rows->count(); ++row) {
      lines.emplace_back(rows->Text(row, 0));
    }
    return lines;
  }
  void ActForSiteOne() {
    connection_->ActFor(
        {.principal = "keys/one", .request_id = "", .site_ids = std::vector<int64_t>{1}});
  }

  const support::TestDatabase database_;
  std::unique_ptr<Connection> connection_{database_.Connect()};
};

#define TABLES_OF_SITES                                                              \
  " FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attname = 'site_id'" \
  " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"

TEST_F(RowSecurity, IsForcedOnEveryTableOfASite) {
  EXPECT_THAT(Lines("SELECT relname::text" TABLES_OF_SITES " AND NOT relispartition"),
              SizeIs(::testing::Ge(30u)));
  EXPECT_THAT(Lines("SELECT relname::text" TABLES_OF_SITES
                    " AND NOT (relrowsecurity AND relforcerowsecurity)"),
              IsEmpty());
  EXPECT_THAT(Lines("SELECT relname::text" TABLES_OF_SITES
                    " AND NOT relispartition AND NOT EXISTS (SELECT FROM pg_policy"
                    "  WHERE polrelid = c.oid AND polname = 'call_sites' AND polpermissive)"),
              IsEmpty());
}

TEST_F(RowSecurity, ClosesEveryPartition) {
  const auto partitions =
      Lines("SELECT relname::text FROM pg_class WHERE relispartition AND relkind = 'r'");
  EXPECT_THAT(partitions, SizeIs(10));
  EXPECT_THAT(
      Lines("SELECT relname::text FROM pg_class WHERE relispartition AND relkind = 'r'"
            " AND (NOT relrowsecurity OR NOT relforcerowsecurity"
            "  OR has_table_privilege('auscult_call', oid, 'SELECT, INSERT, UPDATE, DELETE')"
            "  OR EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid))"),
      IsEmpty());
  ActForSiteOne();
  EXPECT_TRUE(connection_->Query("SELECT FROM trend").ok());
  EXPECT_THAT(std::string(connection_->Query("SELECT FROM trend_2026_01").status().message()),
              HasSubstr("permission denied"));
}

TEST_F(RowSecurity, GivesNoRightsBeyondTheTablesOfSitesAndTheirWork) {
  EXPECT_THAT(
      Lines("SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p', 'v') AND has_table_privilege('auscult_call', oid,"
            " 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')"
            " AND NOT relrowsecurity ORDER BY 1"),
      (std::vector<std::string>{"model_activation", "model_version", "operation", "rescore"}));
  EXPECT_THAT(Lines("SELECT rolname::text FROM pg_roles WHERE rolname = 'auscult_call'"
                    " AND (rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole)"),
              IsEmpty());
  // What runs with the owner's rights finds no names of others.
  EXPECT_THAT(Lines("SELECT proname::text FROM pg_proc"
                    " WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY 1"),
              (std::vector<std::string>{"audit_change", "make_partition"}));
  EXPECT_THAT(Lines("SELECT proname::text FROM pg_proc WHERE prosecdef"
                    " AND pronamespace = 'public'::regnamespace"
                    " AND NOT 'search_path=public, pg_temp' = ANY (proconfig)"),
              IsEmpty());
}

TEST_F(RowSecurity, ShowsOtherSitesInNoTable) {
  constexpr Sql kSeen(
      "SELECT format('%s: %s of 1, %s of 2', c.oid::regclass,"
      "  (xpath('/row/n/text()', query_to_xml(format("
      "   'SELECT count(*) AS n FROM %s WHERE site_id = 1', c.oid::regclass), false, true, "
      "'')))[1],"
      "  (xpath('/row/n/text()', query_to_xml(format("
      "   'SELECT count(*) AS n FROM %s WHERE site_id <> 1', c.oid::regclass), false, true, "
      "'')))[1])" TABLES_OF_SITES " AND NOT relispartition");
  const std::vector<std::string> all = Lines(kSeen);
  for (const std::string& line : all) EXPECT_THAT(line, HasSubstr(": 1 of 1, 1 of 2"));
  ActForSiteOne();
  const std::vector<std::string> limited = Lines(kSeen);
  EXPECT_EQ(limited.size(), all.size());
  for (const std::string& line : limited) EXPECT_THAT(line, HasSubstr(": 1 of 1, 0 of 2"));
  connection_->ActFor({.principal = "", .request_id = "", .site_ids = std::vector<int64_t>{}});
  for (const std::string& line : Lines(kSeen)) EXPECT_THAT(line, HasSubstr(": 0 of 1, 0 of 2"));
}

TEST_F(RowSecurity, LetsNothingOfOtherSitesBeWritten) {
  ActForSiteOne();
  const absl::Status status = connection_->Execute(R"(DO $$
DECLARE
  guarded regclass; attempt text; touched bigint; failures text := '';
BEGIN
  FOR guarded IN SELECT c.oid FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
                 WHERE attname = 'site_id' AND relkind IN ('r', 'p') AND NOT relispartition
                   AND relname NOT IN ('audit', 'site') LOOP
    -- Its own row can be written, or nothing would be shown by the rest.
    EXECUTE format('UPDATE %s SET site_id = site_id WHERE site_id = 1', guarded);
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched <> 1 THEN
      failures := failures || format(' %s: own row %s', guarded, touched);
    END IF;
    FOREACH attempt IN ARRAY ARRAY['UPDATE %s SET site_id = site_id WHERE site_id = 2',
                                   'DELETE FROM %s WHERE site_id = 2'] LOOP
      EXECUTE format(attempt, guarded);
      GET DIAGNOSTICS touched = ROW_COUNT;
      IF touched <> 0 THEN failures := failures || format(' %s: %s', guarded, attempt); END IF;
    END LOOP;
    FOREACH attempt IN ARRAY ARRAY['UPDATE %1$s SET site_id = 2',
        'INSERT INTO %1$s OVERRIDING SYSTEM VALUE'
        ' SELECT (jsonb_populate_record(r, ''{"site_id": 2}'')).* FROM %1$s AS r'] LOOP
      BEGIN
        EXECUTE format(attempt, guarded);
        failures := failures || format(' %s: %s', guarded, attempt);
      EXCEPTION WHEN insufficient_privilege THEN NULL;
      END;
    END LOOP;
  END LOOP;
  IF failures <> '' THEN RAISE EXCEPTION 'written:%', failures; END IF;
END $$)");
  EXPECT_TRUE(status.ok()) << status;
  const absl::StatusOr<Rows> renamed = connection_->Query("UPDATE site SET slug = 'mine-' || slug");
  ASSERT_TRUE(renamed.ok()) << renamed.status();
  EXPECT_EQ(renamed->affected(), 1);
  EXPECT_FALSE(connection_->Execute("INSERT INTO site (slug) VALUES ('new')").ok());
}

TEST_F(RowSecurity, KeepsCredentialsAndTheLogOutOfReach) {
  ActForSiteOne();
  for (const Sql sql :
       {Sql("SELECT FROM access_key"), Sql("SELECT FROM schema_version"),
        Sql("SELECT FROM storage_sample"), Sql("SELECT FROM report_point"),
        Sql("INSERT INTO audit VALUES (3, 1, '', '', '')"), Sql("UPDATE audit SET hashed = ''"),
        Sql("DELETE FROM audit"), Sql("TRUNCATE trend"),
        Sql("SELECT drop_partitions('trend', now(), false)"), Sql("CREATE TABLE mine (n int)"),
        Sql("ALTER TABLE site DISABLE TRIGGER ALL"), Sql("DROP TABLE site")}) {
    const absl::Status status = connection_->Execute(sql);
    EXPECT_THAT(status.message(),
                ::testing::AnyOf(HasSubstr("permission denied"), HasSubstr("must be owner")))
        << sql.text();
  }
}

TEST_F(RowSecurity, LetsACallMakeThePartitionOfItsRecord) {
  ActForSiteOne();
  EXPECT_TRUE(connection_->Query("SELECT make_partition('reading', '2026-05-01')").ok());
  EXPECT_TRUE(connection_->Execute("INSERT INTO reading VALUES (1, 'q', '2026-05-02', 1, 2)").ok());
  EXPECT_FALSE(
      connection_->Execute("INSERT INTO reading VALUES (1, 'q', '2026-05-03', 2, 2)").ok());
}

// The sites are looked up once for a query, and indexes and pruning work as without them.
TEST_F(RowSecurity, LeavesPlansAsTheyWere) {
  ASSERT_TRUE(connection_
                  ->Execute("INSERT INTO trend SELECT 1, 1, '2026-01-16'::timestamptz + n *"
                            " interval '1 min', 1, 1, 1, 0, NULL, NULL, '\\x00', '{1}'"
                            " FROM generate_series(1, 5000) AS n")
                  .ok());
  ASSERT_TRUE(connection_->Execute("SELECT make_partition('trend', '2026-02-15')").ok());
  ASSERT_TRUE(connection_->ExecuteScript("ANALYZE trend").ok());
  ActForSiteOne();
  std::string plan;
  for (const std::string& line :
       Lines("EXPLAIN (COSTS OFF) SELECT features FROM trend WHERE asset_id = 1 AND point_id = 1"
             " AND measured_at >= '2026-01-17' AND measured_at < '2026-01-18'"
             " ORDER BY measured_at LIMIT 10")) {
    plan += line + "\n";
  }
  EXPECT_THAT(plan, AllOf(HasSubstr("InitPlan 1"), HasSubstr("Index Scan using trend_2026_01_pkey"),
                          HasSubstr("Index Cond: ((asset_id = 1) AND (point_id = 1) AND"
                                    " (measured_at >= "),
                          HasSubstr("site_id = ANY ($0)"), Not(HasSubstr("trend_2026_02"))));
}

// An external database's login.
class Login : public ::testing::Test {
 protected:
  Login() {
    EXPECT_TRUE(admin_->Execute("DROP ROLE IF EXISTS plain").ok());
    EXPECT_TRUE(admin_->Execute("CREATE ROLE plain LOGIN").ok());
    EXPECT_TRUE(admin_->ExecuteScript("GRANT CREATE ON SCHEMA public TO plain").ok());
  }
  ~Login() override {
    EXPECT_TRUE(admin_->ExecuteScript("DROP OWNED BY plain; DROP ROLE plain").ok());
  }
  absl::Status Check() {
    const auto connection = Connection::Open(database_.conninfo() + " user=plain");
    EXPECT_TRUE(connection.ok()) << connection.status();
    absl::Status status = CheckServer(**connection, false);
    return status.ok() ? Migrate(**connection) : status;
  }
  const support::TestDatabase migrated_;  // so that the cluster has the role
  const support::TestDatabase database_{support::TestDatabase::Empty()};
  std::unique_ptr<Connection> admin_{database_.Connect()};
};

TEST_F(Login, IsToldWhichRightsItLacks) {
  const absl::Status status = Check();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("ALTER ROLE \"plain\" BYPASSRLS;"),
                    HasSubstr("GRANT auscult_call TO \"plain\";"), Not(HasSubstr("CREATE ROLE"))));
}

TEST_F(Login, NeedsNotBeSuperuser) {
  ASSERT_TRUE(
      admin_->ExecuteScript("ALTER ROLE plain BYPASSRLS; GRANT auscult_call TO plain").ok());
  const absl::Status status = Check();
  EXPECT_TRUE(status.ok()) << status;
  const auto connection = Connection::Open(database_.conninfo() + " user=plain");
  ASSERT_TRUE(connection.ok());
  EXPECT_TRUE((*connection)->Execute("INSERT INTO site (slug) VALUES ('a'), ('b')").ok());
  (*connection)
      ->ActFor({.principal = "keys/one", .request_id = "", .site_ids = std::vector<int64_t>{1}});
  EXPECT_TRUE((*connection)->Execute("UPDATE site SET display_name = 'A'").ok());
  const absl::StatusOr<Rows> sites = (*connection)->Query("SELECT string_agg(slug, ',') FROM site");
  ASSERT_TRUE(sites.ok()) << sites.status();
  EXPECT_EQ(sites->Text(0, 0), "a");
}

}  // namespace
}  // namespace auscult::db
