#include "server/errors.h"

#include <atomic>
#include <ctime>
#include <optional>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "db/disk_full.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/log.h"

namespace auscult::server {
namespace {

constexpr absl::string_view kErrorInfoUrl = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr absl::string_view kBadRequestUrl = "type.googleapis.com/google.rpc.BadRequest";
constexpr absl::string_view kRetryInfoUrl = "type.googleapis.com/google.rpc.RetryInfo";
constexpr std::chrono::milliseconds kDatabaseRetryAfter{5000};
constexpr char kRemedyKey[] = "remedy";

// Details travel in trailers, for which many clients allow 8 KB in all; a message stands in them
// three times.
constexpr size_t kMaxTextBytes = 800;

// Cuts at the start of a character, for a broken one could not be parsed again.
std::string Clip(std::string text) {
  if (text.size() <= kMaxTextBytes) return text;
  size_t end = kMaxTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text + "...";
}

template <typename Detail>
void SetDetail(absl::Status& status, absl::string_view url, const Detail& detail) {
  status.SetPayload(url, absl::Cord(detail.SerializeAsString()));
}

template <typename Detail>
std::optional<Detail> FindDetail(const absl::Status& status, absl::string_view url) {
  const absl::optional<absl::Cord> payload = status.GetPayload(url);
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

google::rpc::ErrorInfo ErrorInfoOf(const Problem& problem) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(problem.reason));
  info.set_domain(std::string(kErrorDomain));
  if (!problem.remedy.empty()) (*info.mutable_metadata())[kRemedyKey] = Clip(problem.remedy);
  return info;
}

std::string NextErrorId() {
  static std::atomic<uint32_t> count{0};
  return absl::StrFormat("%x-%x", static_cast<uint64_t>(std::time(nullptr)), ++count);
}

// What a caller may see: with a reason, without the insides of the server.
absl::Status ForCaller(const absl::Status& status) {
  if (status.GetPayload(kErrorInfoUrl)) return status;
  if (status.code() != absl::StatusCode::kInternal && status.code() != absl::StatusCode::kUnknown) {
    absl::Status named = status;
    const std::string reason = absl::StatusCodeToString(status.code());
    SetDetail(named, kErrorInfoUrl, ErrorInfoOf({.reason = reason}));
    return named;
  }
  const std::string id = NextErrorId();
  LogError("a call failed", {{"error", id}, {"status", status.ToString()}});
  return MakeError(status.code(), {.reason = "INTERNAL",
                                   .message = absl::StrCat("the server failed, error ", id),
                                   .remedy = "look for this id in the server's log"});
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, const Problem& problem) {
  const std::string message = Clip(problem.message);
  const std::string remedy = Clip(problem.remedy);
  absl::Status status(code, remedy.empty() ? message : absl::StrCat(message, "; ", remedy));
  SetDetail(status, kErrorInfoUrl, ErrorInfoOf(problem));
  if (!problem.field.empty()) {
    google::rpc::BadRequest bad_request;
    google::rpc::BadRequest::FieldViolation& violation = *bad_request.add_field_violations();
    violation.set_field(Clip(problem.field));
    violation.set_description(message);
    SetDetail(status, kBadRequestUrl, bad_request);
  }
  return status;
}

absl::Status AskToRetry(absl::Status status, std::chrono::milliseconds retry_after) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(retry_after.count() / 1000);
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(retry_after.count() % 1000) *
                                         1'000'000);
  SetDetail(status, kRetryInfoUrl, retry);
  return status;
}

absl::Status Overloaded(const Problem& problem, std::chrono::milliseconds retry_after) {
  return AskToRetry(MakeError(absl::StatusCode::kResourceExhausted, problem), retry_after);
}

bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) ||
         absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

absl::Status DiskFull() {
  return MakeError(absl::StatusCode::kUnavailable,
                   {.reason = "DISK_FULL",
                    .message = "the disk of the database is full, nothing was stored",
                    .remedy = "send it again later; whoever runs the server has to make room"});
}

absl::Status StoreError(const absl::Status& status) {
  if (!MayPass(status)) return status;
  if (!ReasonOf(status).empty()) return AskToRetry(status, kDatabaseRetryAfter);
  LogWarning("the database does not answer", {{"status", status.ToString()}});
  if (db::IsDiskFull(status)) return AskToRetry(DiskFull(), kDatabaseRetryAfter);
  return AskToRetry(
      MakeError(absl::StatusCode::kUnavailable,
                {.reason = "DATABASE_UNAVAILABLE",
                 .message = "the database does not answer",
                 .remedy = "send it again later; what is stored already counts as a duplicate"}),
      kDatabaseRetryAfter);
}

std::string ReasonOf(const absl::Status& status) {
  const auto info = FindDetail<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  return info ? info->reason() : "";
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const absl::Status shown = ForCaller(status);
  google::rpc::Status rpc_status;
  rpc_status.set_code(static_cast<int>(shown.code()));
  rpc_status.set_message(Clip(std::string(shown.message())));
  // In a fixed order, where ForEachPayload has none.
  for (const absl::string_view url : {kErrorInfoUrl, kBadRequestUrl, kRetryInfoUrl}) {
    if (const absl::optional<absl::Cord> payload = shown.GetPayload(url)) {
      google::protobuf::Any& detail = *rpc_status.add_details();
      detail.set_type_url(std::string(url));
      detail.set_value(std::string(*payload));
    }
  }
  return grpc::Status(static_cast<grpc::StatusCode>(shown.code()), rpc_status.message(),
                      rpc_status.SerializeAsString());
}

v1::Rejection ToRejection(const absl::Status& status) {
  const absl::Status shown = ForCaller(status);
  v1::Rejection rejection;
  rejection.set_code(static_cast<int>(shown.code()));
  std::string message(shown.message());
  if (const auto info = FindDetail<google::rpc::ErrorInfo>(shown, kErrorInfoUrl)) {
    rejection.set_reason(info->reason());
    if (const auto remedy = info->metadata().find(kRemedyKey); remedy != info->metadata().end()) {
      rejection.set_remedy(remedy->second);
      message = std::string(absl::StripSuffix(message, absl::StrCat("; ", remedy->second)));
    }
  }
  rejection.set_message(message);
  if (const auto bad = FindDetail<google::rpc::BadRequest>(shown, kBadRequestUrl);
      bad && bad->field_violations_size() > 0) {
    rejection.set_field(bad->field_violations(0).field());
  }
  if (const auto retry = FindDetail<google::rpc::RetryInfo>(shown, kRetryInfoUrl)) {
    *rejection.mutable_retry_after() = retry->retry_delay();
  }
  return rejection;
}

}  // namespace auscult::server
