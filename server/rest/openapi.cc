#include "server/rest/openapi.h"

#include <cassert>
#include <map>

#include "server/rest/contract.h"
#include "server/rest/contract_comments.h"
#include "server/rest/openapi_operation.h"
#include "server/rest/openapi_schema.h"
#include "server/rest/route_table.h"

namespace auscult::rest {
namespace {

using Json = OpenApiJson;

Json Head() {
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "Auscult"},
            {"version", "v1"},
            {"summary", "Predictive maintenance: machines, recordings, health, alarms."},
            {"description",
             "Every RPC of the contract over HTTP, as JSON in camelCase. Fields at their default "
             "are left out; 64-bit integers are strings; times are RFC 3339 in UTC."},
            {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
          {"servers", {{{"url", "/"}}}},
          // Not every server asks for one.
          {"security", Json::array({Json::object({{"bearer", Json::array()}}), Json::object()})}};
}

Json Tags() {
  Json tags = Json::array();
  for (const auto* file : ServiceFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      Json tag = {{"name", file->service(i)->name()}};
      tag["description"] = CommentOf(*file->service(i));
      tags.push_back(std::move(tag));
    }
  }
  return tags;
}

}  // namespace

std::string OpenApiDocument() {
  RouteTable routes;
  const absl::Status added = AddRoutes(routes);
  assert(added.ok());
  static_cast<void>(added);
  OpenApiSchemas schemas;
  Json paths = Json::object();
  std::map<std::string, int> bindings_of;
  for (const auto& binding : routes.bindings()) {
    std::string id = binding->method->name();
    const int number = ++bindings_of[id];
    if (number > 1) id += std::to_string(number);
    std::string method = binding->http_method;
    for (char& c : method) c = static_cast<char>(c | 0x20);
    paths[OpenApiPath(binding->path)][method] = OpenApiOperation(*binding, id, schemas);
  }
  Json components = {{"schemas", schemas.all()}};
  components["schemas"]["Error"] = ErrorSchema();
  components["schemas"]["Problem"] = ProblemSchema();
  components["responses"] = SharedResponses();
  components["parameters"] = SharedParameters();
  components["securitySchemes"] = SecuritySchemes();
  Json document = Head();
  document["tags"] = Tags();
  document["paths"] = std::move(paths);
  document["components"] = std::move(components);
  return document.dump();
}

}  // namespace auscult::rest
