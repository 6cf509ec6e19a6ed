#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "db/operation_store.h"
#include "google/longrunning/operations.pb.h"

namespace auscult::server {

// A stored operation as the API shows it.
google::longrunning::Operation MessageOf(const db::Operation& operation);

// "operations/12".
std::string OperationResource(int64_t id);
// INVALID_ARGUMENT (MALFORMED_NAME).
absl::StatusOr<int64_t> ParseOperationName(std::string_view name);
// NOT_FOUND (UNKNOWN_OPERATION).
absl::Status UnknownOperation(std::string_view name);

// The error of an operation as it is stored: a google.rpc.Status with the details of a refused
// call.
std::string ErrorBytes(const absl::Status& error);
// That of one that was cancelled.
absl::Status CancelledOperation();

}  // namespace auscult::server
