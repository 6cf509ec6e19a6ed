#include "server/rest/route_table.h"

#include <gtest/gtest.h>

#include <set>

#include "auscult/v1/asset_service.pb.h"
#include "server/rest/contract.h"

namespace auscult::rest {
namespace {

const RouteTable& Routes() {
  static const RouteTable& routes = [&]() -> const RouteTable& {
    static RouteTable filled;
    EXPECT_TRUE(AddRoutes(filled).ok());
    return filled;
  }();
  return routes;
}

// "Method value value", "" for nowhere, "!" and what is allowed.
std::string Lead(const std::string& method, const std::string& path) {
  const auto route = Routes().Find(method, path);
  if (!route.ok()) return "broken";
  if (route->binding == nullptr) {
    std::string text;
    for (const std::string& allowed : route->allowed) text += "!" + allowed;
    return text;
  }
  std::string text = route->binding->method->name();
  for (const std::string& value : route->values) text += " " + value;
  return text;
}

TEST(RouteTable, UglyPathsLeadNowhere) {
  for (const char* path :
       {"", "/", "v1/sites", "//v1/sites", "/v1", "/v1/", "/v1/sites/", "/v1//sites",
        "/v1/sites//assets", "/V1/sites", "/v1/sites/a/assets/", "/v1/sites/a/assets/b/points/c/d",
        "/v2/sites", "/v1/sites/a/b", "/v1/sites/a/assets//:queryTrend"}) {
    SCOPED_TRACE(path);
    EXPECT_EQ(Lead("GET", path), "");
  }
  EXPECT_EQ(Lead("GET", "/v1/sites/%"), "broken");
  EXPECT_EQ(Lead("GET", "/v1/sites/%4"), "broken");
}

TEST(RouteTable, AKnownPathSaysWhichMethodsItTakes) {
  EXPECT_EQ(Lead("PUT", "/v1/sites"), "!GET!POST");
  EXPECT_EQ(Lead("GET", "/v1/sites/a/alarms/1:acknowledge"), "!POST");
  EXPECT_EQ(Lead("get", "/v1/sites"), "!GET!POST");
  EXPECT_EQ(Lead("POST", "/v1/sites/a"), "!DELETE!GET!PATCH");
}

TEST(RouteTable, LiteralsGoBeforeWildcardsAndVerbsBeforeColons) {
  EXPECT_EQ(Lead("GET", "/v1/sites"), "ListSites");
  EXPECT_EQ(Lead("GET", "/v1/sites/a"), "GetSite sites/a");
  EXPECT_EQ(Lead("GET", "/v1/sites/a/retentionPolicy"),
            "GetRetentionPolicy sites/a/retentionPolicy");
  EXPECT_EQ(Lead("GET", "/v1/sites/a/assets/b/retentionPolicy"),
            "GetRetentionPolicy sites/a/assets/b/retentionPolicy");
  EXPECT_EQ(Lead("GET", "/v1/sites/a/assets/b:queryTrend"), "QueryTrend sites/a/assets/b");
  EXPECT_EQ(Lead("GET", "/v1/sites/a:queryTrend"), "QueryTrend sites/a");
  EXPECT_EQ(Lead("GET", "/v1/sites/a/assets/-/points/-:queryTrend"),
            "QueryTrend sites/a/assets/-/points/-");
  EXPECT_EQ(Lead("GET", "/v1/sites/a/assets:queryTrend"), "QueryTrend sites/a/assets");
  EXPECT_EQ(Lead("GET", "/v1/sites/a:unknown"), "GetSite sites/a:unknown");
  EXPECT_EQ(Lead("GET", "/v1/sites/a:"), "GetSite sites/a:");
  EXPECT_EQ(Lead("GET", "/v1/sites/a%3AqueryTrend"), "GetSite sites/a:queryTrend");
  EXPECT_EQ(Lead("GET", "/v1/operations"), "ListOperations operations");
  EXPECT_EQ(Lead("GET", "/v1/operations/7"), "GetOperation operations/7");
  EXPECT_EQ(Lead("POST", "/v1/operations/7:wait"), "WaitOperation operations/7");
  EXPECT_EQ(Lead("POST", "/v1/records:diagnose"), "Diagnose");
  EXPECT_EQ(Lead("POST", "/v1/waveforms:stream"), "StreamWaveforms");
}

TEST(RouteTable, VariablesOfSeveralSegmentsKeepEncodedSlashes) {
  EXPECT_EQ(Lead("GET", "/v1/sites/a%20b%2Fc"), "GetSite sites/a b%2Fc");
  EXPECT_EQ(Lead("GET", "/v1/sit%65s"), "ListSites");
}

TEST(RouteTable, EveryRpcHasARouteThatLeadsToIt) {
  std::set<std::string> routed;
  for (const auto& binding : Routes().bindings()) routed.insert(binding->method->full_name());
  int services = 0;
  for (const auto* file : ServiceFiles()) {
    for (int s = 0; s < file->service_count(); ++s, ++services) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        EXPECT_TRUE(routed.contains(file->service(s)->method(m)->full_name()))
            << file->service(s)->method(m)->full_name() << " has no google.api.http";
      }
    }
  }
  EXPECT_EQ(services, 9);
}

TEST(RouteTable, RefusesTheSamePathTwice) {
  const auto* service = v1::GetSiteRequest::descriptor()->file()->service(0);
  auto bindings = BindingsOf(*service->FindMethodByName("GetSite"));
  ASSERT_TRUE(bindings.ok());
  RouteTable table;
  EXPECT_TRUE(table.Add((*bindings)[0]).ok());
  EXPECT_EQ(table.Add((*bindings)[0]).code(), absl::StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace auscult::rest
