#include "server/rest/openapi.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "auscult/v1/health.pb.h"
#include "auscult/v1/ingest_service.pb.h"
#include "auscult/v1/resources.pb.h"
#include "server/rest/contract.h"
#include "server/rest/contract_comments.h"

namespace auscult::rest {
namespace {

using Json = nlohmann::json;

const Json& Document() {
  static const Json& document = *new Json(Json::parse(OpenApiDocument()));
  return document;
}

void CollectReferences(const Json& json, std::set<std::string>& references) {
  if (json.is_object() && json.contains("$ref")) references.insert(json["$ref"]);
  if (!json.is_structured()) return;
  for (const Json& inner : json) CollectReferences(inner, references);
}

TEST(OpenApi, RefersOnlyToWhatIsThere) {
  std::set<std::string> references;
  CollectReferences(Document(), references);
  EXPECT_GT(references.size(), 100u);
  for (const std::string& reference : references) {
    EXPECT_TRUE(Document().contains(Json::json_pointer(reference.substr(1)))) << reference;
  }
}

TEST(OpenApi, HasEveryBindingOnceUnderItsOwnId) {
  RouteTable routes;
  ASSERT_TRUE(AddRoutes(routes).ok());
  std::set<std::string> ids;
  size_t operations = 0;
  for (const auto& [path, methods] : Document()["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      ++operations;
      EXPECT_TRUE(ids.insert(operation["operationId"]).second) << operation["operationId"];
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(std::toupper(c));
      // An example of the path leads to the RPC.
      std::string example = path;
      for (size_t at = 0; (at = example.find('{')) != std::string::npos;) {
        example.replace(at, example.find('}') - at + 1, "x");
      }
      const auto route = routes.Find(upper, example);
      ASSERT_TRUE(route.ok() && route->binding != nullptr) << upper << " " << example;
      EXPECT_TRUE(
          operation["operationId"].get<std::string>().starts_with(route->binding->method->name()));
    }
  }
  EXPECT_EQ(operations, routes.bindings().size());
}

TEST(OpenApi, NamesAParameterForEachPlaceInThePath) {
  for (const auto& [path, methods] : Document()["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::set<std::string> in_path;
      for (const Json& parameter : operation["parameters"]) {
        if (parameter.contains("in") && parameter["in"] == "path")
          in_path.insert(parameter["name"]);
      }
      for (const std::string& name : in_path)
        EXPECT_NE(path.find("{" + name + "}"), std::string::npos);
      EXPECT_EQ(static_cast<size_t>(std::count(path.begin(), path.end(), '{')), in_path.size())
          << path;
    }
  }
}

TEST(OpenApi, TellsWhatTheProtosTell) {
  const Json& schemas = Document()["components"]["schemas"];
  const Json& site = schemas["Site"];
  EXPECT_EQ(site["description"], "A plant. Everything else belongs to one.");
  EXPECT_EQ(site["properties"]["timeZone"]["examples"][0], "Europe/Berlin");
  EXPECT_EQ(site["properties"]["createTime"]["readOnly"], true);
  EXPECT_EQ(schemas["Point"]["properties"]["channels"]["minItems"], 1);
  EXPECT_EQ(schemas["Point"]["properties"]["channels"]["maxItems"], 16);
  EXPECT_EQ(schemas["Point"]["required"], Json({"channels"}));
  EXPECT_EQ(schemas["Point"]["properties"]["sampleRateHz"]["x-unit"], "Hz");
  EXPECT_EQ(schemas["PointHealth"]["properties"]["confidence"]["maximum"], 1);
  EXPECT_NE(schemas["Condition"]["description"].get<std::string>().find(
                "`CONDITION_STOPPED`: The machine"),
            std::string::npos);
  EXPECT_EQ(schemas["ChannelSamples"]["allOf"][0]["not"]["required"], Json({"encoded", "floats"}));
}

TEST(OpenApi, TellsStreamsAndOtherMediaTypes) {
  const Json& paths = Document()["paths"];
  const Json& spectrum = paths["/v1/sites/{site}/assets/{asset}/points/{point}:spectrum"]["get"];
  EXPECT_TRUE(spectrum["responses"]["200"]["content"].contains("text/csv"));
  EXPECT_TRUE(spectrum["responses"]["200"]["content"].contains("application/octet-stream"));
  const Json& watch = paths["/v1/sites/{site}/alarms:watch"]["get"];
  EXPECT_TRUE(watch["responses"]["200"]["content"].contains("text/event-stream"));
  EXPECT_FALSE(watch["responses"]["200"]["content"].contains("application/json"));
  const Json& update = paths["/v1/sites/{site}"]["patch"];
  EXPECT_TRUE(update["responses"].contains("412"));
  EXPECT_FALSE(update["requestBody"]["content"]["application/json"]["schema"].contains("required"));
}

TEST(ContractComments, FindExamplesRangesAndUnits) {
  EXPECT_EQ(ExampleIn("Of \"a b\" or \"c\"."), "a b");
  EXPECT_FALSE(ExampleIn("an inch is 1\" long"));
  EXPECT_EQ(RangeIn("1 to 16. All").largest, 16);
  EXPECT_EQ(RangeIn("Probability of the verdict, 0 to 1.").smallest, 0);
  EXPECT_EQ(RangeIn("At most 10,000. One call").largest, 10000);
  EXPECT_FALSE(RangeIn("100 at the own baseline, towards 0 as the point leaves it").largest);
  EXPECT_FALSE(RangeIn("0 = 100, at most 1000").largest);
  EXPECT_EQ(UnitOf(*v1::Machine::descriptor()->FindFieldByName("rated_speed_rpm")), "1/min");
  EXPECT_EQ(UnitOf(*v1::Machine::descriptor()->FindFieldByName("blades")), "");
}

}  // namespace
}  // namespace auscult::rest
