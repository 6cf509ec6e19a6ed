#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"

namespace auscult::db {

// Long work that outlives the call that asked for it. Messages are bytes whose meaning belongs to
// the server; "" where there is none.
struct Operation {
  int64_t id = 0;
  std::string kind;
  std::string request, metadata, response, error;
  int64_t create_time_us = 0;
  bool done = false;
  bool cancel_requested = false;
  std::string actor;  // who asked for it, as the audit log names him; "": nobody knows
};

absl::StatusOr<Operation> AddOperation(Connection& connection, std::string_view kind,
                                       std::string_view request, std::string_view metadata,
                                       std::string_view actor = {});
// NOT_FOUND.
absl::StatusOr<Operation> GetOperation(Connection& connection, int64_t id);
// Those that exist among `ids`, in ascending order.
absl::StatusOr<std::vector<Operation>> FindOperations(Connection& connection,
                                                      std::span<const int64_t> ids);
// Latest first, those below `before`; `done` unset: all.
absl::StatusOr<std::vector<Operation>> ListOperations(Connection& connection,
                                                      std::optional<bool> done, int64_t before,
                                                      int limit);
// One that nobody works on is done at once, with `error`; whoever works on it learns of it with the
// next renewal. NOT_FOUND; one that is done stays as it is.
absl::Status CancelOperation(Connection& connection, int64_t id, std::string_view error);
// NOT_FOUND; FAILED_PRECONDITION while it is not done.
absl::Status DeleteOperation(Connection& connection, int64_t id);

// The right to work on an operation, until the lease ends by the database's clock. Every write
// names id and fence; after somebody else claimed the operation it changes nothing.
struct OperationClaim {
  Operation operation;
  int64_t fence = 0;
  int attempts = 0;  // this one included, those that ended in an orderly way not
};

// The oldest operation of these kinds that is not done and that nobody holds.
absl::StatusOr<std::optional<OperationClaim>> ClaimOperation(Connection& connection,
                                                             std::span<const std::string> kinds,
                                                             std::chrono::milliseconds lease);
// That one, unless it is done or paused or somebody holds it.
absl::StatusOr<std::optional<OperationClaim>> ClaimOperation(Connection& connection, int64_t id,
                                                             std::chrono::milliseconds lease);
// Lengthens the lease and stores the metadata; `metadata` "" leaves it. Answers nothing where the
// claim is lost.
struct LeaseRenewal {
  bool cancel_requested = false;
};
absl::StatusOr<std::optional<LeaseRenewal>> RenewLease(Connection& connection, int64_t id,
                                                       int64_t fence,
                                                       std::chrono::milliseconds lease,
                                                       std::string_view metadata);
// The metadata of an operation that nobody holds and that is not done, whoever says it.
absl::Status TellOperation(Connection& connection, int64_t id, std::string_view metadata);
// Locks such an operation until the end of the transaction and answers its fence. NOT_FOUND where
// it is done, paused, cancelled or gone, or somebody else has it.
absl::StatusOr<int64_t> LockIdleOperation(Connection& connection, int64_t id);
// Locks the operation until the end of the transaction; ABORTED where the claim is lost. What
// follows in the transaction is then written by the one who holds the claim, or not at all.
absl::Status LockClaim(Connection& connection, int64_t id, int64_t fence);
// Done, with `response` or `error`, one of them "". ABORTED where the claim is lost.
absl::Status FinishOperation(Connection& connection, int64_t id, int64_t fence,
                             std::string_view response, std::string_view error,
                             std::string_view metadata);
// Gives the claim back: others may take it after `pause`. `orderly`: the attempt does not count.
absl::Status ReleaseClaim(Connection& connection, int64_t id, int64_t fence,
                          std::chrono::milliseconds pause, bool orderly);

}  // namespace auscult::db
