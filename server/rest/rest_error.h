#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"
#include "server/rest/exchange.h"

namespace auscult::rest {

// What a caller did wrong and how to put it right, as the server's own errors say it.
struct Refusal {
  std::string reason;   // for programs: "UNKNOWN_PARAMETER"
  std::string message;  // what was wrong, and where
  std::string remedy = {};
  std::string field = {};  // path in the request; "" where no one field is to blame
};

// INVALID_ARGUMENT with ErrorInfo and, where a field is named, BadRequest as payloads.
absl::Status Refuse(const Refusal& refusal);

// An error as the caller sees it.
struct RestError {
  int http_status = 500;
  google::rpc::Status status;
  HeaderFields headers = {};  // Allow, Retry-After
};

// Of a refusal made here; http_status 0 takes the one that belongs to the code.
RestError ToRestError(const absl::Status& status, int http_status = 0);

// Of an RPC, with the details that came in its trailers. ABORTED for a wrong etag is 412 where the
// etag came with If-Match (RFC 9110, 13.1.1), else 409.
RestError ToRestError(const grpc::Status& status, bool has_if_match);

// google.rpc.Code to HTTP as google/rpc/code.proto maps them.
int HttpStatusOf(int code);

// {"error": {code, status, message, details}}; with `as_problem` an RFC 9457 problem.
HttpResponse ErrorResponse(const RestError& error, bool as_problem);
std::string ErrorJson(const RestError& error);

}  // namespace auscult::rest
