#include "server/rest/http_error.h"

#include <nlohmann/json.hpp>

namespace auscult::rest {
namespace {

struct StatusName {
  int status;
  const char* phrase;
  const char* rpc_code;
};
constexpr StatusName kStatusNames[] = {
    {200, "OK", "OK"},
    {201, "Created", "OK"},
    {202, "Accepted", "OK"},
    {204, "No Content", "OK"},
    {206, "Partial Content", "OK"},
    {301, "Moved Permanently", "OK"},
    {302, "Found", "OK"},
    {303, "See Other", "OK"},
    {304, "Not Modified", "OK"},
    {307, "Temporary Redirect", "OK"},
    {308, "Permanent Redirect", "OK"},
    {400, "Bad Request", "INVALID_ARGUMENT"},
    {401, "Unauthorized", "UNAUTHENTICATED"},
    {403, "Forbidden", "PERMISSION_DENIED"},
    {404, "Not Found", "NOT_FOUND"},
    {405, "Method Not Allowed", "UNIMPLEMENTED"},
    {406, "Not Acceptable", "INVALID_ARGUMENT"},
    {408, "Request Timeout", "DEADLINE_EXCEEDED"},
    {409, "Conflict", "ABORTED"},
    {412, "Precondition Failed", "FAILED_PRECONDITION"},
    {413, "Content Too Large", "INVALID_ARGUMENT"},
    {414, "URI Too Long", "INVALID_ARGUMENT"},
    {415, "Unsupported Media Type", "INVALID_ARGUMENT"},
    {416, "Range Not Satisfiable", "OUT_OF_RANGE"},
    {417, "Expectation Failed", "INVALID_ARGUMENT"},
    {421, "Misdirected Request", "PERMISSION_DENIED"},
    {422, "Unprocessable Content", "INVALID_ARGUMENT"},
    {428, "Precondition Required", "FAILED_PRECONDITION"},
    {429, "Too Many Requests", "RESOURCE_EXHAUSTED"},
    {431, "Request Header Fields Too Large", "INVALID_ARGUMENT"},
    {499, "Client Closed Request", "CANCELLED"},
    {500, "Internal Server Error", "INTERNAL"},
    {501, "Not Implemented", "UNIMPLEMENTED"},
    {502, "Bad Gateway", "UNAVAILABLE"},
    {503, "Service Unavailable", "UNAVAILABLE"},
    {504, "Gateway Timeout", "DEADLINE_EXCEEDED"},
    {505, "HTTP Version Not Supported", "UNIMPLEMENTED"},
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

HttpResponse ErrorResponse(int http_status, std::string_view message, std::string_view accept) {
  const StatusName* name = Find(http_status);
  const std::string code = name == nullptr ? "UNKNOWN" : name->rpc_code;
  const bool as_problem = accept.find("application/problem+json") != accept.npos;
  nlohmann::ordered_json body;
  if (as_problem) {
    body = {{"type", "about:blank"},
            {"title", ReasonPhrase(http_status)},
            {"status", http_status},
            {"detail", message},
            {"code", code}};
  } else {
    body["error"] = {{"code", http_status},
                     {"status", code},
                     {"message", message},
                     {"details", nlohmann::ordered_json::array()}};
  }
  HttpResponse response;
  response.status = http_status;
  response.headers = {
      {"Content-Type", as_problem ? "application/problem+json" : "application/json"},
      {"Cache-Control", "no-store"}};
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

}  // namespace auscult::rest
