#include <string>
#include <utility>

#include "server/rest/http_error.h"
#include "server/rest/media_type.h"
#include "server/rest/openapi_operation.h"

namespace auscult::rest {
namespace {

using Json = OpenApiJson;

constexpr std::pair<int, const char*> kErrors[] = {
    {400,
     "A parameter or the body is wrong, or the state of things forbids it "
     "(INVALID_ARGUMENT, FAILED_PRECONDITION)."},
    {401, "The server wants to know who calls (UNAUTHENTICATED): WWW-Authenticate."},
    {403, "The caller holds no role that may do this here (PERMISSION_DENIED)."},
    {404, "There is no such thing, or not for this caller (NOT_FOUND)."},
    {406, "None of the types in Accept is served."},
    {409, "It is there already, or somebody else changed it (ALREADY_EXISTS, ABORTED)."},
    {412, "Another version than If-Match says is stored."},
    {413, "The body is too large."},
    {415, "The body is of a type that is not read."},
    {429, "Too many calls, or an answer that is too large (RESOURCE_EXHAUSTED): Retry-After."},
    {500, "A fault of the server (INTERNAL, DATA_LOSS)."},
    {501, "This server leaves the call to others (UNIMPLEMENTED)."},
    {503, "Try again in a while (UNAVAILABLE): Retry-After."},
    {504, "It took longer than the time that was allowed (DEADLINE_EXCEEDED)."},
};

Json Text() { return {{"type", "string"}}; }

Json ErrorContent() {
  return {{kJson, {{"schema", {{"$ref", "#/components/schemas/Error"}}}}},
          {kProblemJson, {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}};
}

Json HeaderParameter(const char* name, const char* description, const char* example) {
  return {{"name", name},
          {"in", "header"},
          {"description", description},
          {"schema", {{"type", "string"}, {"examples", {example}}}}};
}

}  // namespace

Json SharedResponses() {
  Json responses = Json::object();
  responses["304"] = {{"description", "The client has it already."}};
  for (const auto& [status, description] : kErrors) {
    Json response = {{"description", description}, {"content", ErrorContent()}};
    if (status == 429 || status == 503) {
      response["headers"]["Retry-After"] = {{"description", "Whole seconds."}, {"schema", Text()}};
    }
    responses[std::to_string(status)] = std::move(response);
  }
  responses["default"] = {{"description", "Refused before it reached a service."},
                          {"content", ErrorContent()}};
  return responses;
}

Json SharedParameters() {
  return {{"RequestTimeout",
           {{"name", "X-Request-Timeout"},
            {"in", "header"},
            {"description", "Seconds that the call may take; default 60, of streams no limit."},
            {"schema", {{"type", "number"}, {"minimum", 0.001}, {"maximum", 86400}}}}},
          {"IfNoneMatch", HeaderParameter("If-None-Match", "ETag of the answer that is there.",
                                          "\"9f86d081884c7d65.2c26b46b68ffc68f\"")},
          {"IfMatch",
           HeaderParameter("If-Match", "ETag, or `etag`, of the version that is to be changed.",
                           "\"9f86d081884c7d65\"")},
          {"LastEventId",
           HeaderParameter("Last-Event-ID", "Id of the last event that was seen, as it came.",
                           "2026-03-01T12:00:00Z")}};
}

Json SecuritySchemes() {
  return {
      {"bearer",
       {{"type", "http"},
        {"scheme", "bearer"},
        {"description",
         "A key of the server (`auscult keys create`) or a token of its issuer. Asked for where "
         "the server has either."}}}};
}

Json ErrorSchema() {
  const Json code = {{"type", "integer"}, {"description", "The HTTP status."}};
  const Json status = {{"type", "string"},
                       {"description", "The google.rpc.Code."},
                       {"examples", {"INVALID_ARGUMENT"}}};
  const Json details = {
      {"type", "array"},
      {"description", "google.rpc.ErrorInfo, BadRequest and RetryInfo, as far as they fit."},
      {"items", {{"type", "object"}, {"additionalProperties", true}}}};
  const Json error = {
      {"type", "object"},
      {"properties",
       {{"code", code}, {"status", status}, {"message", Text()}, {"details", details}}},
      {"required", {"code", "status", "message"}}};
  return {{"type", "object"}, {"properties", {{"error", error}}}, {"required", {"error"}}};
}

Json ProblemSchema() {
  return {{"type", "object"},
          {"description", "RFC 9457."},
          {"properties",
           {{"type", Text()},
            {"title", Text()},
            {"status", {{"type", "integer"}}},
            {"detail", Text()}}},
          {"required", {"title", "status"}},
          {"additionalProperties", true}};
}

}  // namespace auscult::rest
