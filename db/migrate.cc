#include "db/migrate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "db/embedded_sql.h"

namespace auscult::db {
namespace {

constexpr int kOldestServer = 150000;

// Inside the transaction of each step, so that it also holds behind pgbouncer. Waits for the server
// that is migrating, however long its steps take within reason.
absl::Status LockSchema(Connection& connection) {
  absl::Status status = connection.Execute("SET LOCAL statement_timeout = 0");
  if (status.ok()) status = connection.Execute("SET LOCAL lock_timeout = '10min'");
  if (!status.ok()) return status;
  return connection.Execute(
      "SELECT pg_advisory_xact_lock(hashtext('auscult'), hashtext('schema'))");
}

// 0 for an empty database.
absl::StatusOr<int> CurrentVersion(Connection& connection) {
  absl::StatusOr<Rows> tables = connection.Query(
      "SELECT count(*), count(*) FILTER (WHERE relname IN ('schema_version', 'point_state')),"
      " current_database(), current_schema() FROM pg_class"
      " WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm')"
      // pg_stat_statements and its like come with the server.
      " AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass"
      "  AND objid = pg_class.oid AND deptype = 'e')");
  if (!tables.ok()) return tables.status();
  if (tables->Int(0, 0) == 0) return 0;
  if (tables->Int(0, 1) != 2) {
    return absl::FailedPreconditionError(
        absl::StrCat("database ", std::string(tables->Text(0, 2)), " holds tables in schema ",
                     std::string(tables->Text(0, 3)),
                     " that are not Auscult's; create an empty database for it and name that one"));
  }
  absl::StatusOr<Rows> rows = connection.Query("SELECT max(version) FROM schema_version");
  if (!rows.ok()) return rows.status();
  return rows->IsNull(0, 0) ? 0 : static_cast<int>(rows->Int(0, 0));
}

absl::Status RefuseNewer(int version) {
  if (version <= LatestSchemaVersion()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the database has schema version ", version, ", this program knows up to ",
      LatestSchemaVersion(), "; run a newer Auscult, or restore a backup made before the upgrade"));
}

absl::Status Apply(Connection& connection, const char* script, int version) {
  if (absl::Status status = connection.ExecuteScript(script); !status.ok()) return status;
  const Param values[] = {Int(version)};
  return connection.Execute("INSERT INTO schema_version (version) VALUES ($1)", values);
}

// One step under the lock; *done when there was none left to make.
absl::Status Step(Connection& connection, bool whole_schema_if_empty, bool* done) {
  return InTransaction(connection, [&]() -> absl::Status {
    if (absl::Status status = LockSchema(connection); !status.ok()) return status;
    const absl::StatusOr<int> version = CurrentVersion(connection);
    if (!version.ok()) return version.status();
    if (absl::Status status = RefuseNewer(*version); !status.ok()) return status;
    *done = *version == LatestSchemaVersion();
    if (*done) return absl::OkStatus();
    if (*version == 0 && whole_schema_if_empty) {
      return Apply(connection, kSchema, LatestSchemaVersion());
    }
    const Migration* const next =
        std::find_if(kMigrations, kMigrations + kMigrationCount,
                     [&](const Migration& step) { return step.version > *version; });
    return Apply(connection, next->sql, next->version);
  });
}

absl::Status Run(Connection& connection, bool whole_schema_if_empty) {
  bool done = false;
  while (!done) {
    if (absl::Status status = Step(connection, whole_schema_if_empty, &done); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

// The server works for all sites, and lends its connections to calls that see some of them.
absl::Status CheckLogin(Connection& connection) {
  absl::StatusOr<Rows> login = connection.Query(
      "SELECT rolname, rolsuper OR rolbypassrls, rolsuper OR rolcreaterole,"
      " to_regrole('auscult_call') IS NOT NULL,"
      // Asked only where there is such a role.
      " (SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = 'auscult_call')"
      " FROM pg_roles WHERE rolname = current_user");
  if (!login.ok()) return login.status();
  const std::string name(login->Text(0, 0));
  std::vector<std::string> remedies;
  if (!login->Bool(0, 1)) remedies.push_back(absl::StrCat("ALTER ROLE \"", name, "\" BYPASSRLS;"));
  const bool role_exists = login->Bool(0, 3);
  if (!role_exists && !login->Bool(0, 2)) remedies.push_back("CREATE ROLE auscult_call NOLOGIN;");
  if (role_exists ? !login->Bool(0, 4) : !login->Bool(0, 2)) {
    remedies.push_back(absl::StrCat("GRANT auscult_call TO \"", name, "\";"));
  }
  if (remedies.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the database's login ", name,
                   " lacks rights that row-level security asks for;"
                   " run as a superuser of PostgreSQL: ",
                   absl::StrJoin(remedies, " ")));
}

}  // namespace

int LatestSchemaVersion() { return kMigrations[kMigrationCount - 1].version; }

absl::Status Migrate(Connection& connection) { return Run(connection, true); }

absl::Status MigrateStepwise(Connection& connection) { return Run(connection, false); }

absl::Status CheckServer(Connection& connection, bool allow_unsafe) {
  absl::StatusOr<Rows> server = connection.Query(
      "SELECT current_setting('server_version_num')::int, current_setting('server_version')");
  if (!server.ok()) return server.status();
  if (server->Int(0, 0) < kOldestServer) {
    return absl::FailedPreconditionError(absl::StrCat(
        "PostgreSQL ", std::string(server->Text(0, 1)), " is too old; Auscult needs 15 or newer"));
  }
  if (absl::Status status = CheckLogin(connection); !status.ok()) return status;
  if (allow_unsafe) return absl::OkStatus();
  absl::StatusOr<Rows> unsafe = connection.Query(
      "SELECT name FROM pg_settings WHERE setting = 'off'"
      " AND name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name");
  if (!unsafe.ok()) return unsafe.status();
  if (unsafe->count() == 0) return absl::OkStatus();
  std::vector<std::string> names;
  names.reserve(unsafe->count());
  for (int row = 0; row < unsafe->count(); ++row) names.emplace_back(unsafe->Text(row, 0));
  return absl::FailedPreconditionError(absl::StrCat(
      "PostgreSQL runs with ", absl::StrJoin(names, ", "),
      " off, so that what was acknowledged could be lost in a power cut; switch it on"));
}

}  // namespace auscult::db
