#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "auscult/v1/ingest_service.pb.h"
#include "grpcpp/support/status.h"

namespace auscult::server {

// Domain of every google.rpc.ErrorInfo this server sends.
inline constexpr std::string_view kErrorDomain = "auscult.dev";

// What a caller did wrong and how to put it right.
struct Problem {
  std::string_view reason;   // for programs, UPPER_SNAKE_CASE and stable: "UNKNOWN_POINT"
  std::string message = {};  // what was wrong, and where
  std::string remedy = {};   // what to do
  std::string field = {};    // path in the request, "waveform.sample_rate_hz"; "" when no one field
                             // is to blame
};

// A status that carries the problem as payloads, whose type URLs are those of the google.rpc
// details; the message is "<message>; <remedy>". Long texts are cut, for they travel in trailers.
absl::Status MakeError(absl::StatusCode code, const Problem& problem);

// Adds the request to try again after `retry_after`.
absl::Status AskToRetry(absl::Status status, std::chrono::milliseconds retry_after);

// RESOURCE_EXHAUSTED that asks to try again after `retry_after`.
absl::Status Overloaded(const Problem& problem, std::chrono::milliseconds retry_after);

// True for what may succeed when tried again: the database is away, busy, full, or lost a race
// against another server.
bool MayPass(const absl::Status& status);

// UNAVAILABLE with DISK_FULL.
absl::Status DiskFull();

// An error of the store for a caller's eyes: what may pass gets the request to try again and, where
// it carries no reason, becomes UNAVAILABLE with DATABASE_UNAVAILABLE, or DISK_FULL. Everything
// else stays.
absl::Status StoreError(const absl::Status& status);

// The problem's reason; "" for a status that carries none.
std::string ReasonOf(const absl::Status& status);

// To the wire: code, message and, packed in google.rpc.Status, ErrorInfo, BadRequest (where a field
// is named) and RetryInfo. A status without payload gets an ErrorInfo with the reason of its code;
// INTERNAL and UNKNOWN keep their details in the log and show the caller an error id instead.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The same as the rejection inside an ack.
v1::Rejection ToRejection(const absl::Status& status);

}  // namespace auscult::server
