#include "server/rest/unary_call.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/server/rest/plant_stub.h"

namespace auscult::rest {
namespace {

using Json = nlohmann::json;

class UnaryCalls : public testing::Test {
 protected:
  EchoingAssets assets_;
  PlantStub plant_{assets_};
};

TEST_F(UnaryCalls, RefuseWhatIsNotServed) {
  EXPECT_EQ(plant_.Call("GET /v1/nothing").status, 404);
  EXPECT_EQ(plant_.Call("GET /v1/sites/%zz").status, 400);
  const HttpResponse other = plant_.Call("PUT /v1/sites");
  EXPECT_EQ(other.status, 405);
  EXPECT_EQ(HeaderOf(other, "Allow"), "GET, HEAD, POST");
  EXPECT_EQ(plant_.Call("QUERY /v1/sites").status, 405);
  const HttpResponse options = plant_.Call("OPTIONS /v1/sites");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(HeaderOf(options, "Allow"), "GET, HEAD, POST");
}

TEST_F(UnaryCalls, RefuseABadParameterAndSayWhichAreThere) {
  const HttpResponse unknown = plant_.Call("GET /v1/sites?pagesize=3");
  EXPECT_EQ(unknown.status, 400);
  const Json error = Json::parse(unknown.body)["error"];
  EXPECT_EQ(error["code"], 400);
  EXPECT_EQ(error["status"], "INVALID_ARGUMENT");
  EXPECT_NE(error["message"].get<std::string>().find("pageSize, pageToken"), std::string::npos);
  EXPECT_EQ(error["details"][0]["@type"], "type.googleapis.com/google.rpc.ErrorInfo");
  EXPECT_EQ(error["details"][0]["reason"], "UNKNOWN_PARAMETER");
  EXPECT_EQ(error["details"][1]["fieldViolations"][0]["field"], "pagesize");
  for (const char* query :
       {"page_size=x", "page_size=", "page_size=1&pageSize=2", "page_size=99999999999", "a.b=1",
        "page_size.x=1", "%=1", "name=%FF", "page_token=%FF", "page_size=1;2"}) {
    SCOPED_TRACE(query);
    EXPECT_EQ(plant_.Call(std::string("GET /v1/sites?") + query).status, 400);
  }
  EXPECT_EQ(plant_.Call("GET /v1/sites/a?name=sites/b").status, 400);
  EXPECT_EQ(plant_.Call("GET /v1/sites/%FF").status, 400);
}

TEST_F(UnaryCalls, BindPathQueryAndBody) {
  const HttpResponse listed = plant_.Call("GET /v1/sites?pageSize=3&page_token=a+b%20c");
  EXPECT_EQ(listed.status, 200);
  EXPECT_EQ(listed.body, R"({"nextPageToken":"3a b c"})");
  const HttpResponse created =
      plant_.Call("POST /v1/sites?siteId=s&validate_only=true", R"({"timeZone":"Europe/Berlin"})");
  EXPECT_EQ(Json::parse(created.body)["displayName"],
            R"(site { time_zone: "Europe/Berlin" } site_id: "s" validate_only: true)");
  EXPECT_EQ(plant_.Call("POST /v1/sites?siteId=s").status, 400);
  EXPECT_EQ(plant_.Call("POST /v1/sites?siteId=s&site.name=x", "{}").status, 400);
  const HttpResponse gone = plant_.Call("DELETE /v1/sites/a?force=true");
  EXPECT_EQ(gone.status, 400);
  EXPECT_EQ(Json::parse(gone.body)["error"]["message"], R"(name: "sites/a" force: true)");
}

TEST_F(UnaryCalls, MakeTheMaskOfAPatchFromItsBody) {
  const HttpResponse patched = plant_.Call(
      "PATCH /v1/sites/a", R"({"name":"other","displayName":"","timeZone":null,"etag":"x"})");
  EXPECT_EQ(
      Json::parse(patched.body)["displayName"],
      R"(site { name: "sites/a" etag: "x" } update_mask { paths: "display_name" paths: "time_zone" })");
  const HttpResponse masked =
      plant_.Call("PATCH /v1/sites/a?updateMask=displayName,time_zone", R"({"displayName":"b"})");
  EXPECT_EQ(
      Json::parse(masked.body)["displayName"],
      R"(site { name: "sites/a" display_name: "b" } update_mask { paths: "display_name" paths: "time_zone" })");
}

TEST_F(UnaryCalls, AnswerIfNoneMatchByContent) {
  const HttpResponse first = plant_.Call("GET /v1/sites/a");
  const std::string tag = HeaderOf(first, "ETag");
  EXPECT_TRUE(tag.starts_with("\"e1.")) << tag;
  const HttpResponse again = plant_.Call("GET /v1/sites/a", "", {{"If-None-Match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(HeaderOf(again, "ETag"), tag);
  assets_.Rename("changed, with the same etag");
  EXPECT_EQ(plant_.Call("GET /v1/sites/a", "", {{"If-None-Match", tag}}).status, 200);
}

TEST_F(UnaryCalls, PutIfMatchIntoTheRequest) {
  const HttpResponse updated =
      plant_.Call("PATCH /v1/sites/a", R"({"displayName":"b"})", {{"If-Match", "\"e1.0123\""}});
  EXPECT_NE(updated.body.find(R"(etag: \"e1\")"), std::string::npos) << updated.body;
  EXPECT_EQ(plant_.Call("PATCH /v1/sites/a", "{}", {{"If-Match", "\"old\""}}).status, 412);
  EXPECT_EQ(plant_.Call("PATCH /v1/sites/a", R"({"etag":"old"})").status, 409);
  EXPECT_EQ(plant_.Call("GET /v1/sites", "", {{"If-Match", "\"old\""}}).status, 400);
}

TEST_F(UnaryCalls, TellErrorsWithTheirDetails) {
  const HttpResponse busy = plant_.Call("GET /v1/sites/busy");
  EXPECT_EQ(busy.status, 429);
  EXPECT_EQ(HeaderOf(busy, "Retry-After"), "1");
  EXPECT_EQ(Json::parse(busy.body)["error"]["details"][1]["retryDelay"], "0.001s");
  const HttpResponse unknown = plant_.Call("GET /v1/sites/stranger");
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(HeaderOf(unknown, "WWW-Authenticate"), "Bearer realm=\"auscult\"");
  const HttpResponse bare = plant_.Call("GET /v1/sites/bare");
  EXPECT_EQ(bare.status, 404);
  EXPECT_EQ(Json::parse(bare.body)["error"]["details"][0]["reason"], "NOT_FOUND");
  const HttpResponse problem = plant_.Call(
      "GET /v1/sites/bare", "", {{"Accept", "application/json, application/problem+json"}});
  EXPECT_EQ(HeaderOf(problem, "Content-Type"), "application/problem+json");
  EXPECT_EQ(Json::parse(problem.body)["status"], 404);
  EXPECT_EQ(Json::parse(problem.body)["title"], "Not Found");
}

TEST_F(UnaryCalls, PassOnOnlyTheHeadersOfTheList) {
  plant_.Call("GET /v1/sites/a", "",
              {{"Authorization", "Bearer x"},
               {"Traceparent", "00-1-2-01"},
               {"X-Auscult-User", "root"},
               {"tracestate", "not\x01legal"},
               {"Grpc-Metadata-User", "root"}});
  const auto metadata = assets_.metadata();
  EXPECT_EQ(metadata.at("authorization"), "Bearer x");
  EXPECT_EQ(metadata.at("traceparent"), "00-1-2-01");
  EXPECT_EQ(metadata.at("x-request-id"), "request-7");
  EXPECT_FALSE(metadata.contains("tracestate"));
  EXPECT_FALSE(metadata.contains("x-auscult-user"));
  EXPECT_FALSE(metadata.contains("grpc-metadata-user"));
}

TEST_F(UnaryCalls, KeepTheTimeThatTheRequestAllows) {
  EXPECT_EQ(plant_.Call("GET /v1/sites/slow", "", {{"X-Request-Timeout", "0.05"}}).status, 504);
  EXPECT_EQ(plant_.Call("GET /v1/sites/slow", "", {{"Grpc-Timeout", "50m"}}).status, 504);
  plant_.Call("GET /v1/sites/a", "", {{"Grpc-Timeout", "1H"}});
  EXPECT_GT(assets_.time_left(), std::chrono::minutes(59));
  for (const char* text : {"0", "-1", "x", "1e9", "NaN", "Infinity", "5 s"}) {
    EXPECT_EQ(plant_.Call("GET /v1/sites/a", "", {{"X-Request-Timeout", text}}).status, 400)
        << text;
  }
  for (const char* text : {"5", "S", "5s", "-5S"}) {
    EXPECT_EQ(plant_.Call("GET /v1/sites/a", "", {{"Grpc-Timeout", text}}).status, 400) << text;
  }
}

TEST_F(UnaryCalls, EndWhenTheClientLeaves) {
  const auto exchange = plant_.Begin("GET /v1/sites/slow");
  exchange->Leave();
  EXPECT_EQ(exchange->Wait().status, 499);
  for (int i = 0; i < 400 && assets_.cancelled() == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(assets_.cancelled(), 1);
}

TEST_F(UnaryCalls, EndWithTheTranscoder) {
  const auto exchange = plant_.Begin("GET /v1/sites/slow");
  plant_.Stop();
  EXPECT_EQ(exchange->Wait().status, 499);
}

}  // namespace
}  // namespace auscult::rest
