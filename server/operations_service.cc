#include "server/operations_service.h"

#include <limits>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/util/time_util.h"
#include "server/access/gate.h"
#include "server/access/owner.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/names.h"
#include "server/operation_view.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

namespace lro = google::longrunning;

constexpr int kThreads = 2;
constexpr size_t kWaitingCalls = 64;
constexpr std::chrono::milliseconds kRetryAfter{1000};

// What a store answers for a call about an operation.
absl::Status FromOperations(const absl::Status& status, const std::string& name) {
  if (absl::IsNotFound(status)) return UnknownOperation(name);
  if (!absl::IsFailedPrecondition(status)) return status;
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   {.reason = "OPERATION_RUNNING",
                    .message = Concat(name, " is not done"),
                    .remedy = "cancel it first, or wait until it is done",
                    .field = "name"});
}

absl::Status MayReach(const CallScope& scope, const db::Operation& operation) {
  return JudgeOperation(*scope.caller, *scope.rule, operation);
}

// The operation of this name, if the caller may do what he asks with it.
absl::StatusOr<db::Operation> Find(CallScope& scope, const std::string& name) {
  const absl::StatusOr<int64_t> id = ParseOperationName(name);
  if (!id.ok()) return id.status();
  absl::StatusOr<db::Operation> operation = db::GetOperation(scope.connection, *id);
  absl::Status status = operation.status();
  if (status.ok()) status = MayReach(scope, *operation);
  if (!status.ok()) return FromOperations(status, name);
  return operation;
}

absl::StatusOr<std::optional<bool>> ParseFilter(const std::string& filter) {
  const std::string words = absl::StrReplaceAll(filter, {{" ", ""}});
  if (words.empty()) return std::optional<bool>();
  if (words == "done=true") return std::optional<bool>(true);
  if (words == "done=false") return std::optional<bool>(false);
  return BadField("BAD_FILTER", "filter", Concat("filter is ", Quoted(filter)),
                  "send \"done = false\", \"done = true\" or nothing");
}

absl::Status List(CallScope& scope, const lro::ListOperationsRequest& request,
                  lro::ListOperationsResponse& response) {
  if (!request.name().empty() && request.name() != "operations") {
    return BadField("MALFORMED_NAME", "name", Concat("name is ", Quoted(request.name())),
                    "send \"operations\", or nothing");
  }
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const absl::StatusOr<std::optional<bool>> done = ParseFilter(request.filter());
  if (!done.ok()) return done.status();
  const std::string token_scope = Concat("ListOperations ", request.filter());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 1);
  if (!cursor.ok()) return cursor.status();
  int64_t before = std::numeric_limits<int64_t>::max();
  // The token is sealed, so this is a number as it was written.
  if (!cursor->front().empty()) (void)absl::SimpleAtoi(cursor->front(), &before);
  const auto found = db::ListOperations(scope.connection, *done, before, *page_size + 1);
  if (!found.ok()) return found.status();
  for (int i = 0; i < static_cast<int>(found->size()); ++i) {
    if (i == *page_size) {
      response.set_next_page_token(MakePageToken(token_scope, {Concat(before)}));
      break;
    }
    const db::Operation& operation = (*found)[static_cast<size_t>(i)];
    before = operation.id;
    if (MayReach(scope, operation).ok()) *response.add_operations() = MessageOf(operation);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::chrono::milliseconds> TimeoutOf(const lro::WaitOperationRequest& request) {
  using google::protobuf::util::TimeUtil;
  if (!request.has_timeout()) return std::chrono::milliseconds::max();
  const google::protobuf::Duration& timeout = request.timeout();
  if (timeout.seconds() < 0 || timeout.nanos() < 0 ||
      timeout.seconds() > TimeUtil::kDurationMaxSeconds) {
    return BadField("BAD_TIME", "timeout", "timeout is no length of time",
                    "send 0 s or more, or leave it out");
  }
  return std::chrono::milliseconds(TimeUtil::DurationToMilliseconds(timeout));
}

}  // namespace

OperationsService::OperationsService(const Gate* gate, db::Pool* database)
    : gate_(gate), database_(database), pool_(kThreads, kWaitingCalls), waits_(database) {}

OperationsService::Reactor* OperationsService::ListOperations(
    Context* context, const lro::ListOperationsRequest* request,
    lro::ListOperationsResponse* response) {
  return RunOnPool(
      {pool_, *database_, *gate_, context, request, response},
      [request, response](CallScope& scope) { return List(scope, *request, *response); });
}

OperationsService::Reactor* OperationsService::GetOperation(Context* context,
                                                            const lro::GetOperationRequest* request,
                                                            lro::Operation* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request, response](CallScope& scope) -> absl::Status {
                     const auto operation = Find(scope, request->name());
                     if (!operation.ok()) return operation.status();
                     *response = MessageOf(*operation);
                     return absl::OkStatus();
                   });
}

OperationsService::Reactor* OperationsService::DeleteOperation(
    Context* context, const lro::DeleteOperationRequest* request,
    google::protobuf::Empty* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request](CallScope& scope) -> absl::Status {
                     const absl::StatusOr<int64_t> id = ParseOperationName(request->name());
                     if (!id.ok()) return id.status();
                     return FromOperations(db::DeleteOperation(scope.connection, *id),
                                           request->name());
                   });
}

OperationsService::Reactor* OperationsService::CancelOperation(
    Context* context, const lro::CancelOperationRequest* request,
    google::protobuf::Empty* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request](CallScope& scope) -> absl::Status {
                     const absl::StatusOr<int64_t> id = ParseOperationName(request->name());
                     if (!id.ok()) return id.status();
                     const absl::Status status = db::CancelOperation(
                         scope.connection, *id, ErrorBytes(CancelledOperation()));
                     return FromOperations(status, request->name());
                   });
}

OperationsService::Reactor* OperationsService::WaitOperation(
    Context* context, const lro::WaitOperationRequest* request, lro::Operation* response) {
  Reactor* reactor = context->DefaultReactor();
  absl::StatusOr<Admitted> admitted = gate_->Admit(*context, *request);
  if (!admitted.ok()) {
    reactor->Finish(ToGrpcStatus(admitted.status()));
    return reactor;
  }
  const absl::StatusOr<int64_t> id = ParseOperationName(request->name());
  const absl::StatusOr<std::chrono::milliseconds> timeout = TimeoutOf(*request);
  if (!id.ok() || !timeout.ok()) {
    reactor->Finish(ToGrpcStatus(id.ok() ? timeout.status() : id.status()));
  } else if (auto still_holds = gate_->StillHolds(admitted->caller);
             !waits_.Add({context, reactor, *id, *timeout, *std::move(admitted),
                          std::move(still_holds), response})) {
    reactor->Finish(ToGrpcStatus(Overloaded({.reason = "TOO_MANY_CALLS",
                                             .message = "too many calls wait already",
                                             .remedy = "try again after the time given",
                                             .field = ""},
                                            kRetryAfter)));
  }
  return reactor;
}

}  // namespace auscult::server
