#include "server/rest/http_status.h"

namespace auscult::rest {
namespace {

struct StatusName {
  int status;
  const char* phrase;
  absl::StatusCode code;  // the nearest
};
constexpr StatusName kStatusNames[] = {
    {200, "OK", absl::StatusCode::kOk},
    {201, "Created", absl::StatusCode::kOk},
    {202, "Accepted", absl::StatusCode::kOk},
    {204, "No Content", absl::StatusCode::kOk},
    {206, "Partial Content", absl::StatusCode::kOk},
    {301, "Moved Permanently", absl::StatusCode::kOk},
    {302, "Found", absl::StatusCode::kOk},
    {303, "See Other", absl::StatusCode::kOk},
    {304, "Not Modified", absl::StatusCode::kOk},
    {307, "Temporary Redirect", absl::StatusCode::kOk},
    {308, "Permanent Redirect", absl::StatusCode::kOk},
    {400, "Bad Request", absl::StatusCode::kInvalidArgument},
    {401, "Unauthorized", absl::StatusCode::kUnauthenticated},
    {403, "Forbidden", absl::StatusCode::kPermissionDenied},
    {404, "Not Found", absl::StatusCode::kNotFound},
    {405, "Method Not Allowed", absl::StatusCode::kUnimplemented},
    {406, "Not Acceptable", absl::StatusCode::kInvalidArgument},
    {408, "Request Timeout", absl::StatusCode::kDeadlineExceeded},
    {409, "Conflict", absl::StatusCode::kAborted},
    {412, "Precondition Failed", absl::StatusCode::kFailedPrecondition},
    {413, "Content Too Large", absl::StatusCode::kInvalidArgument},
    {414, "URI Too Long", absl::StatusCode::kInvalidArgument},
    {415, "Unsupported Media Type", absl::StatusCode::kInvalidArgument},
    {416, "Range Not Satisfiable", absl::StatusCode::kOutOfRange},
    {417, "Expectation Failed", absl::StatusCode::kInvalidArgument},
    {421, "Misdirected Request", absl::StatusCode::kPermissionDenied},
    {422, "Unprocessable Content", absl::StatusCode::kInvalidArgument},
    {428, "Precondition Required", absl::StatusCode::kFailedPrecondition},
    {429, "Too Many Requests", absl::StatusCode::kResourceExhausted},
    {431, "Request Header Fields Too Large", absl::StatusCode::kInvalidArgument},
    {499, "Client Closed Request", absl::StatusCode::kCancelled},
    {500, "Internal Server Error", absl::StatusCode::kInternal},
    {501, "Not Implemented", absl::StatusCode::kUnimplemented},
    {502, "Bad Gateway", absl::StatusCode::kUnavailable},
    {503, "Service Unavailable", absl::StatusCode::kUnavailable},
    {504, "Gateway Timeout", absl::StatusCode::kDeadlineExceeded},
    {505, "HTTP Version Not Supported", absl::StatusCode::kUnimplemented},
};

const StatusName* Find(int status) {
  for (const StatusName& name : kStatusNames) {
    if (name.status == status) return &name;
  }
  return nullptr;
}

}  // namespace

std::string_view ReasonPhrase(int http_status) {
  const StatusName* name = Find(http_status);
  return name == nullptr ? std::string_view() : name->phrase;
}

absl::StatusCode NearestCode(int http_status) {
  const StatusName* name = Find(http_status);
  return name == nullptr ? absl::StatusCode::kUnknown : name->code;
}

}  // namespace auscult::rest
