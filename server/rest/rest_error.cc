#include "server/rest/rest_error.h"

#include <string_view>
#include <utility>

#include "absl/strings/cord.h"
#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "server/rest/http_status.h"
#include "server/rest/json_writer.h"

namespace auscult::rest {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com/google.rpc.";
constexpr char kErrorDomain[] = "auscult.dev";

std::string NameOfCode(int code) {
  return google::rpc::Code_IsValid(code) ? google::rpc::Code_Name(google::rpc::Code(code))
                                         : "UNKNOWN";
}

template <typename Detail>
bool FindDetail(const google::rpc::Status& status, Detail& detail) {
  for (const google::protobuf::Any& any : status.details()) {
    if (any.UnpackTo(&detail)) return true;
  }
  return false;
}

void AddReason(const std::string& reason, google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(kErrorDomain);
  status.add_details()->PackFrom(info);
}

std::string ReasonOf(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  return FindDetail(status, info) ? info.reason() : NameOfCode(status.code());
}

// Whole seconds, rounded up, for RFC 9110 knows no fractions.
void AddRetryAfter(RestError& error) {
  google::rpc::RetryInfo retry;
  if (!FindDetail(error.status, retry)) return;
  const int64_t seconds = retry.retry_delay().seconds() + (retry.retry_delay().nanos() > 0 ? 1 : 0);
  error.headers.emplace_back("Retry-After", std::to_string(seconds));
}

// RFC 9110 asks for it, and RFC 6750 says how.
void AddChallenge(RestError& error) {
  if (error.status.code() != google::rpc::UNAUTHENTICATED) return;
  error.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"auscult\"");
}

std::string DetailsJson(const google::rpc::Status& status) {
  std::string json = "[";
  for (const google::protobuf::Any& detail : status.details()) {
    if (json.size() > 1) json += ',';
    AppendJson(detail, json);
  }
  return json + "]";
}

std::string ProblemJson(const RestError& error) {
  std::string json = "{\"type\":\"about:blank\",\"title\":";
  AppendJsonString(ReasonPhrase(error.http_status), json);
  json += ",\"status\":" + std::to_string(error.http_status) + ",\"detail\":";
  AppendJsonString(error.status.message(), json);
  json += ",\"code\":";
  AppendJsonString(NameOfCode(error.status.code()), json);
  json += ",\"reason\":";
  AppendJsonString(ReasonOf(error.status), json);
  return json + ",\"details\":" + DetailsJson(error.status) + "}";
}

}  // namespace

absl::Status Refuse(const Refusal& refusal) {
  std::string text = refusal.message;
  if (!refusal.remedy.empty()) text += "; " + refusal.remedy;
  absl::Status status = absl::InvalidArgumentError(text);
  google::rpc::ErrorInfo info;
  info.set_reason(refusal.reason);
  info.set_domain(kErrorDomain);
  if (!refusal.remedy.empty()) (*info.mutable_metadata())["remedy"] = refusal.remedy;
  status.SetPayload(std::string(kTypePrefix) + "ErrorInfo", absl::Cord(info.SerializeAsString()));
  if (!refusal.field.empty()) {
    google::rpc::BadRequest bad_request;
    auto& violation = *bad_request.add_field_violations();
    violation.set_field(refusal.field);
    violation.set_description(refusal.message);
    status.SetPayload(std::string(kTypePrefix) + "BadRequest",
                      absl::Cord(bad_request.SerializeAsString()));
  }
  return status;
}

RestError ToRestError(const absl::Status& status, int http_status) {
  RestError error;
  error.status.set_code(static_cast<int>(status.code()));
  error.status.set_message(std::string(status.message()));
  for (const char* name : {"ErrorInfo", "BadRequest"}) {
    const std::string url = std::string(kTypePrefix) + name;
    if (const auto payload = status.GetPayload(url)) {
      google::protobuf::Any& detail = *error.status.add_details();
      detail.set_type_url(url);
      detail.set_value(std::string(*payload));
    }
  }
  if (error.status.details().empty()) AddReason(NameOfCode(error.status.code()), error.status);
  error.http_status = http_status == 0 ? HttpStatusOf(error.status.code()) : http_status;
  return error;
}

RestError ToRestError(const grpc::Status& status, bool has_if_match) {
  RestError error;
  if (status.error_details().empty() || !error.status.ParseFromString(status.error_details())) {
    error.status.Clear();
    error.status.set_code(status.error_code());
    error.status.set_message(status.error_message());
    AddReason(NameOfCode(status.error_code()), error.status);
  }
  error.http_status = HttpStatusOf(error.status.code());
  if (has_if_match && ReasonOf(error.status) == "ETAG_MISMATCH") error.http_status = 412;
  AddRetryAfter(error);
  AddChallenge(error);
  return error;
}

int HttpStatusOf(int code) {
  switch (code) {
    case google::rpc::OK:
      return 200;
    case google::rpc::CANCELLED:
      return 499;
    case google::rpc::INVALID_ARGUMENT:
    case google::rpc::FAILED_PRECONDITION:
    case google::rpc::OUT_OF_RANGE:
      return 400;
    case google::rpc::DEADLINE_EXCEEDED:
      return 504;
    case google::rpc::NOT_FOUND:
      return 404;
    case google::rpc::ALREADY_EXISTS:
    case google::rpc::ABORTED:
      return 409;
    case google::rpc::PERMISSION_DENIED:
      return 403;
    case google::rpc::UNAUTHENTICATED:
      return 401;
    case google::rpc::RESOURCE_EXHAUSTED:
      return 429;
    case google::rpc::UNIMPLEMENTED:
      return 501;
    case google::rpc::UNAVAILABLE:
      return 503;
    default:
      return 500;
  }
}

std::string ErrorJson(const RestError& error) {
  std::string json = "{\"error\":{\"code\":" + std::to_string(error.http_status) + ",\"status\":";
  AppendJsonString(NameOfCode(error.status.code()), json);
  json += ",\"message\":";
  AppendJsonString(error.status.message(), json);
  return json + ",\"details\":" + DetailsJson(error.status) + "}}";
}

HttpResponse ErrorResponse(const RestError& error, bool as_problem) {
  HttpResponse response;
  response.status = error.http_status;
  response.headers = error.headers;
  response.headers.emplace_back("Content-Type",
                                as_problem ? "application/problem+json" : "application/json");
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = as_problem ? ProblemJson(error) : ErrorJson(error);
  return response;
}

}  // namespace auscult::rest
