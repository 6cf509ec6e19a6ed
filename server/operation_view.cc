#include "server/operation_view.h"

#include "absl/strings/numbers.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/names.h"

namespace auscult::server {
namespace {

constexpr std::string_view kCollection = "operations/";

}  // namespace

google::longrunning::Operation MessageOf(const db::Operation& operation) {
  google::longrunning::Operation message;
  message.set_name(OperationResource(operation.id));
  message.set_done(operation.done);
  if (!operation.metadata.empty()) {
    message.mutable_metadata()->ParseFromString(operation.metadata);
  }
  if (!operation.done) return message;
  if (!operation.error.empty()) {
    message.mutable_error()->ParseFromString(operation.error);
  } else {
    message.mutable_response()->ParseFromString(operation.response);
  }
  return message;
}

std::string OperationResource(int64_t id) { return Concat(kCollection, id); }

absl::StatusOr<int64_t> ParseOperationName(std::string_view name) {
  int64_t id = 0;
  if (name.starts_with(kCollection) &&
      absl::SimpleAtoi(ToAbsl(name.substr(kCollection.size())), &id) && id > 0 &&
      OperationResource(id) == name) {
    return id;
  }
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      {.reason = "MALFORMED_NAME",
       .message = Concat("name is ", Quoted(name), ", not a name of the form \"operations/12\""),
       .remedy = "send the name that the call which began it answered",
       .field = "name"});
}

absl::Status UnknownOperation(std::string_view name) {
  return MakeError(absl::StatusCode::kNotFound,
                   {.reason = "UNKNOWN_OPERATION",
                    .message = Concat("there is no operation ", Quoted(name)),
                    .remedy = "list them with ListOperations; it may have been deleted",
                    .field = "name"});
}

std::string ErrorBytes(const absl::Status& error) { return ToGrpcStatus(error).error_details(); }

absl::Status CancelledOperation() {
  return MakeError(
      absl::StatusCode::kCancelled,
      {.reason = "CANCELLED", .message = "the operation was cancelled", .remedy = "", .field = ""});
}

}  // namespace auscult::server
