#include "db/postgres.h"

namespace auscult::db {
namespace {

absl::Status InSavepoint(Connection& connection, const std::function<absl::Status()>& body) {
  if (absl::Status status = connection.Execute("SAVEPOINT nested"); !status.ok()) return status;
  absl::Status status = body();
  if (absl::Status stored = connection.FinishCopy(); status.ok()) status = stored;
  if (status.ok()) status = connection.Execute("RELEASE SAVEPOINT nested");
  if (!status.ok()) {
    connection.Execute("ROLLBACK TO SAVEPOINT nested").IgnoreError();
    connection.Execute("RELEASE SAVEPOINT nested").IgnoreError();
  }
  return status;
}

}  // namespace

absl::Status InTransaction(Connection& connection, const std::function<absl::Status()>& body,
                           bool* commit_unknown) {
  if (commit_unknown != nullptr) *commit_unknown = false;
  if (connection.in_transaction() && connection.healthy()) return InSavepoint(connection, body);
  if (absl::Status status = connection.Begin(); !status.ok()) return status;
  absl::Status done = body();
  // An error of rows that are still being stored is one of the body.
  if (absl::Status stored = connection.FinishCopy(); done.ok()) done = stored;
  if (!done.ok()) {
    connection.Execute("ROLLBACK").IgnoreError();
    return done;
  }
  // PostgreSQL would answer COMMIT with success, and roll back.
  if (connection.transaction_failed()) {
    connection.Execute("ROLLBACK").IgnoreError();
    return absl::InternalError(
        "nothing was committed: a statement of the transaction had failed and was not minded");
  }
  absl::Status status = connection.Execute("COMMIT");
  if (!status.ok() && commit_unknown != nullptr) *commit_unknown = !connection.healthy();
  return status;
}

}  // namespace auscult::db
