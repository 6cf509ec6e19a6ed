#include "db/operation_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "db/store_status.h"

#define OPERATION_COLUMNS                                                          \
  " operation_id, kind, request, metadata, response, error, unix_us(create_time)," \
  " done_time IS NOT NULL, cancel_requested, actor"

#define CLAIM_OPERATION                                              \
  "UPDATE operation SET fence = fence + 1, attempts = attempts + 1," \
  " lease_until = clock_timestamp() + $1::bigint * interval '1 ms'," \
  " update_time = clock_timestamp()"
#define FREE_OPERATION               \
  "done_time IS NULL AND NOT paused" \
  " AND coalesce(lease_until <= clock_timestamp(), true)"

namespace auscult::db {
namespace {

absl::Status NoSuchOperation(int64_t id) {
  return NoSuch(ResourceName({"operations", absl::StrCat(id)}));
}

absl::Status Lost(int64_t id) {
  return absl::AbortedError(
      absl::StrCat("operations/", id, " was taken over by another server, or is gone"));
}

std::string BytesOrEmpty(const Rows& rows, int row, int column) {
  return rows.IsNull(row, column) ? "" : rows.Bytes(row, column);
}

Operation OperationOf(const Rows& rows, int row) {
  return {.id = rows.Int(row, 0),
          .kind = std::string(rows.Text(row, 1)),
          .request = rows.Bytes(row, 2),
          .metadata = BytesOrEmpty(rows, row, 3),
          .response = BytesOrEmpty(rows, row, 4),
          .error = BytesOrEmpty(rows, row, 5),
          .create_time_us = rows.Int(row, 6),
          .done = rows.Bool(row, 7),
          .cancel_requested = rows.Bool(row, 8),
          .actor = std::string(rows.Text(row, 9))};
}

absl::StatusOr<std::vector<Operation>> OperationsOf(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  std::vector<Operation> operations;
  operations.reserve(static_cast<size_t>(rows->count()));
  for (int row = 0; row < rows->count(); ++row) operations.push_back(OperationOf(*rows, row));
  return operations;
}

absl::StatusOr<std::optional<OperationClaim>> ClaimOf(const absl::StatusOr<Rows>& rows) {
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return std::nullopt;
  return OperationClaim{.operation = OperationOf(*rows, 0),
                        .fence = rows->Int(0, 10),
                        .attempts = static_cast<int>(rows->Int(0, 11))};
}

Param BytesOrNull(std::string_view bytes) { return bytes.empty() ? Null() : Bytes(bytes); }

}  // namespace

absl::StatusOr<Operation> AddOperation(Connection& connection, std::string_view kind,
                                       std::string_view request, std::string_view metadata,
                                       std::string_view actor) {
  const Param values[] = {Text(kind), Bytes(request), BytesOrNull(metadata), Text(actor)};
  absl::StatusOr<Rows> rows = connection.Query(
      "INSERT INTO operation (kind, request, metadata, actor) VALUES ($1, $2, $3, $4)"
      " RETURNING" OPERATION_COLUMNS,
      values);
  if (!rows.ok()) return rows.status();
  return OperationOf(*rows, 0);
}

absl::StatusOr<Operation> GetOperation(Connection& connection, int64_t id) {
  auto found = FindOperations(connection, std::span(&id, 1));
  if (!found.ok()) return found.status();
  if (found->empty()) return NoSuchOperation(id);
  return std::move(found->front());
}

absl::StatusOr<std::vector<Operation>> FindOperations(Connection& connection,
                                                      std::span<const int64_t> ids) {
  std::vector<Param> wanted;
  wanted.reserve(ids.size());
  for (const int64_t id : ids) wanted.push_back(Int(id));
  const Param values[] = {Array(wanted)};
  return OperationsOf(
      connection.Query("SELECT" OPERATION_COLUMNS
                       " FROM operation WHERE operation_id = ANY ($1::bigint[]) ORDER BY 1",
                       values));
}

absl::StatusOr<std::vector<Operation>> ListOperations(Connection& connection,
                                                      std::optional<bool> done, int64_t before,
                                                      int limit) {
  const Param values[] = {done ? Bool(*done) : Null(), Int(before), Int(limit)};
  return OperationsOf(
      connection.Query("SELECT" OPERATION_COLUMNS
                       " FROM operation WHERE ($1::boolean IS NULL OR (done_time IS NOT NULL) = $1)"
                       " AND operation_id < $2 ORDER BY operation_id DESC LIMIT $3",
                       values));
}

absl::Status CancelOperation(Connection& connection, int64_t id, std::string_view error) {
  const Param values[] = {Int(id), Bytes(error)};
  absl::StatusOr<Rows> rows = connection.Query(
      "WITH held AS (SELECT operation_id, done_time, coalesce(lease_until > clock_timestamp(),"
      "  false) AS busy FROM operation WHERE operation_id = $1 FOR UPDATE),"
      " cancelled AS (UPDATE operation o SET cancel_requested = true,"
      "  fence = fence + CASE WHEN busy THEN 0 ELSE 1 END,"
      "  done_time = CASE WHEN busy THEN NULL ELSE clock_timestamp() END,"
      "  error = CASE WHEN busy THEN NULL ELSE $2::bytea END"
      "  FROM held WHERE o.operation_id = held.operation_id AND held.done_time IS NULL)"
      " SELECT FROM held",
      values);
  if (!rows.ok()) return rows.status();
  return rows->count() == 0 ? NoSuchOperation(id) : absl::OkStatus();
}

absl::Status DeleteOperation(Connection& connection, int64_t id) {
  const Param values[] = {Int(id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "DELETE FROM operation WHERE operation_id = $1 AND done_time IS NOT NULL", values);
  if (!rows.ok()) return rows.status();
  if (rows->affected() > 0) return absl::OkStatus();
  if (absl::Status status = GetOperation(connection, id).status(); !status.ok()) return status;
  return absl::FailedPreconditionError(absl::StrCat("operations/", id, " is not done"));
}

absl::StatusOr<std::optional<OperationClaim>> ClaimOperation(Connection& connection,
                                                             std::span<const std::string> kinds,
                                                             std::chrono::milliseconds lease) {
  std::vector<Param> known;
  known.reserve(kinds.size());
  for (const std::string& kind : kinds) known.push_back(Text(kind));
  const Param values[] = {Int(lease.count()), Array(known)};
  return ClaimOf(connection.Query(
      CLAIM_OPERATION
      " WHERE operation_id = (SELECT operation_id FROM operation WHERE kind = ANY ($2::text[])"
      "  AND " FREE_OPERATION
      " ORDER BY operation_id LIMIT 1 FOR UPDATE SKIP LOCKED)"
      " RETURNING" OPERATION_COLUMNS ", fence, attempts",
      values));
}

absl::StatusOr<std::optional<OperationClaim>> ClaimOperation(Connection& connection, int64_t id,
                                                             std::chrono::milliseconds lease) {
  const Param values[] = {Int(lease.count()), Int(id)};
  return ClaimOf(connection.Query(CLAIM_OPERATION " WHERE operation_id = $2 AND " FREE_OPERATION
                                                  " RETURNING" OPERATION_COLUMNS
                                                  ", fence, attempts",
                                  values));
}

absl::StatusOr<std::optional<LeaseRenewal>> RenewLease(Connection& connection, int64_t id,
                                                       int64_t fence,
                                                       std::chrono::milliseconds lease,
                                                       std::string_view metadata) {
  const Param values[] = {Int(id), Int(fence), Int(lease.count()), BytesOrNull(metadata)};
  absl::StatusOr<Rows> rows = connection.Query(
      "UPDATE operation SET lease_until = clock_timestamp() + $3::bigint * interval '1 ms',"
      " metadata = coalesce($4::bytea, metadata), update_time = clock_timestamp()"
      " WHERE operation_id = $1 AND fence = $2 AND done_time IS NULL RETURNING cancel_requested",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return std::nullopt;
  return LeaseRenewal{.cancel_requested = rows->Bool(0, 0)};
}

absl::Status TellOperation(Connection& connection, int64_t id, std::string_view metadata) {
  const Param values[] = {Int(id), Bytes(metadata)};
  return connection.Execute(
      "UPDATE operation SET metadata = $2, update_time = clock_timestamp()"
      " WHERE operation_id = $1 AND done_time IS NULL",
      values);
}

absl::StatusOr<int64_t> LockIdleOperation(Connection& connection, int64_t id) {
  const Param values[] = {Int(id)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT fence FROM operation WHERE operation_id = $1 AND NOT cancel_requested"
      " AND " FREE_OPERATION " FOR UPDATE SKIP LOCKED",
      values);
  if (!rows.ok()) return rows.status();
  if (rows->count() == 0) return NoSuchOperation(id);
  return rows->Int(0, 0);
}

absl::Status LockClaim(Connection& connection, int64_t id, int64_t fence) {
  const Param values[] = {Int(id), Int(fence)};
  absl::StatusOr<Rows> rows = connection.Query(
      "SELECT FROM operation WHERE operation_id = $1 AND fence = $2 AND done_time IS NULL"
      " FOR UPDATE",
      values);
  if (!rows.ok()) return rows.status();
  return rows->count() == 0 ? Lost(id) : absl::OkStatus();
}

absl::Status FinishOperation(Connection& connection, int64_t id, int64_t fence,
                             std::string_view response, std::string_view error,
                             std::string_view metadata) {
  const Param values[] = {Int(id), Int(fence), BytesOrNull(response), BytesOrNull(error),
                          BytesOrNull(metadata)};
  absl::StatusOr<Rows> rows = connection.Query(
      "UPDATE operation SET done_time = clock_timestamp(), update_time = clock_timestamp(),"
      " lease_until = NULL, response = $3, error = $4, metadata = coalesce($5::bytea, metadata)"
      " WHERE operation_id = $1 AND fence = $2 AND done_time IS NULL",
      values);
  if (!rows.ok()) return rows.status();
  return rows->affected() == 0 ? Lost(id) : absl::OkStatus();
}

absl::Status ReleaseClaim(Connection& connection, int64_t id, int64_t fence,
                          std::chrono::milliseconds pause, bool orderly) {
  const Param values[] = {Int(id), Int(fence), Int(pause.count()), Bool(orderly)};
  return connection.Execute(
      "UPDATE operation SET fence = fence + 1,"
      " lease_until = clock_timestamp() + $3::bigint * interval '1 ms',"
      " attempts = attempts - CASE WHEN $4 THEN 1 ELSE 0 END, update_time = clock_timestamp()"
      " WHERE operation_id = $1 AND fence = $2 AND done_time IS NULL",
      values);
}

}  // namespace auscult::db
