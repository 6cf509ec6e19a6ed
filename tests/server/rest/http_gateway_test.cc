#include "server/rest/http_gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "server/rest/gzip.h"
#include "server/rest/http_metrics.h"
#include "tests/server/rest/raw_http.h"

namespace auscult::rest {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class WebFolder {
 public:
  WebFolder() {
    std::string name = "/tmp/auscult-web-XXXXXX";
    path_ = mkdtemp(name.data());
    Write("index.html", "<!doctype html><p>fleet</p>");
    Write("docs/index.html", "<p>viewer</p>");
    Write("assets/index-BX3d81aq.js", std::string(2000, ' '));
    Write("assets/plain.css", "p{}");
    Write("packed.json", std::string(900, '{'));
    Write("packed.json.gz", Gzip("made before", 9));
    std::filesystem::create_symlink("/etc/passwd", path_ + "/link.txt");
  }
  ~WebFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  void Write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path_ + "/" + file).parent_path());
    std::ofstream(path_ + "/" + file) << text;
  }

 private:
  std::string path_;
};

// Answers GET /big with 5,000 bytes of JSON, all else with the method and the path.
class Api : public Handler {
 public:
  void Handle(HttpRequest request, std::shared_ptr<Exchange> exchange) override {
    if (request.path != "/big") {
      return exchange->Answer({200, {}, "api " + request.method + " " + request.path, "/v1/{x}"});
    }
    exchange->Answer({200,
                      {{"Content-Type", "application/json"}, {"ETag", "\"e\""}},
                      std::string(5000, ' '),
                      "/big"});
  }
};

class HttpGateway : public ::testing::Test {
 protected:
  HttpGateway() {
    HttpGatewayOptions options;
    options.api = std::make_shared<Api>();
    auto site = StaticSite::Read(folder_.path());
    if (site.ok()) options.site = std::make_shared<const StaticSite>(*std::move(site));
    options.version = "1.2.3";
    options.metrics = [] { return std::string("a_total 1\n"); };
    options.ready = [this](const std::function<void(std::string)>& told) { told(missing_); };
    server_ = std::make_unique<HttpServer>(MakeHttpGateway(
        std::move(options), OriginPolicy({"https://grafana.example"}, {"plant.example"})));
  }

  std::string Ask(const std::string& method, const std::string& path,
                  const std::string& fields = "", const std::string& host = "127.0.0.1:7080") {
    RawHttp client(server_->port());
    client.Send(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields +
                "Connection: close\r\n\r\n");
    return client.ReadAll();
  }

  const WebFolder folder_;
  std::string missing_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpGateway, PutsItsHeadersOnEveryAnswer) {
  for (const char* path : {"/", "/healthz", "/v1/x", "/big"}) {
    EXPECT_THAT(Ask("GET", path, "X-Request-Id: my-1\r\n"),
                AllOf(HasSubstr("\r\nX-Request-Id: my-1\r\n"),
                      HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"),
                      HasSubstr("\r\nCache-Control: no-")));
  }
  const std::string made = Ask("GET", "/v1/x", "X-Request-Id: not fit\x80\r\n");
  EXPECT_THAT(made, Not(HasSubstr("not fit")));
  EXPECT_THAT(made, ::testing::ContainsRegex("\r\nX-Request-Id: [0-9a-f]{32}\r\n"));
}

TEST_F(HttpGateway, ServesThePages) {
  const std::string index = Ask("GET", "/");
  EXPECT_THAT(index, AllOf(EndsWith("<p>fleet</p>"), HasSubstr("text/html; charset=utf-8"),
                           HasSubstr("script-src 'self';"), HasSubstr("frame-ancestors 'none'"),
                           HasSubstr("Referrer-Policy: "), HasSubstr("Cache-Control: no-cache")));
  EXPECT_THAT(index, Not(HasSubstr("unsafe-inline")));
  EXPECT_THAT(Ask("GET", "/docs/"), EndsWith("<p>viewer</p>"));
  EXPECT_THAT(Ask("GET", "/docs"),
              AllOf(StartsWith("HTTP/1.1 308 "), HasSubstr("\r\nLocation: ./docs/\r\n")));
  EXPECT_THAT(Ask("GET", "/assets/plain.css"),
              AllOf(HasSubstr("text/css"), HasSubstr("Cache-Control: no-cache")));
  EXPECT_THAT(Ask("GET", "/assets/index-BX3d81aq.js"),
              HasSubstr("Cache-Control: public, max-age=31536000, immutable"));
  EXPECT_THAT(Ask("POST", "/"), EndsWith("api POST /"));
}

TEST_F(HttpGateway, ServesNothingBesideTheFolder) {
  for (const char* path :
       {"/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/etc/passwd", "//etc/passwd",
        "/link.txt", "/assets/../index.html", "/assets", "/packed.json.gz", "/./index.html"}) {
    EXPECT_THAT(Ask("GET", path),
                Not(AllOf(StartsWith("HTTP/1.1 200 "), Not(HasSubstr("api GET")))))
        << path;
  }
}

TEST_F(HttpGateway, PacksFilesForThoseWhoTakeIt) {
  const std::string packed = Ask("GET", "/packed.json", "Accept-Encoding: br, gzip\r\n");
  EXPECT_THAT(packed, AllOf(HasSubstr("Content-Encoding: gzip"), EndsWith(Gzip("made before", 9)),
                            HasSubstr("Vary: Accept-Encoding")));
  EXPECT_THAT(Ask("GET", "/packed.json"),
              AllOf(Not(HasSubstr("Content-Encoding")), HasSubstr("Vary: Accept-Encoding")));
  EXPECT_LT(Ask("GET", "/assets/index-BX3d81aq.js", "Accept-Encoding: gzip\r\n").size(), 1000u);
}

TEST_F(HttpGateway, AnswersThatNothingHasChanged) {
  for (const char* encoding : {"", "Accept-Encoding: gzip\r\n"}) {
    const std::string first = Ask("GET", "/packed.json", encoding);
    const size_t at = first.find("ETag: ");
    ASSERT_NE(at, first.npos);
    const std::string etag = first.substr(at + 6, first.find("\r\n", at) - at - 6);
    EXPECT_THAT(Ask("GET", "/packed.json", encoding + ("If-None-Match: \"x\", " + etag) + "\r\n"),
                AllOf(StartsWith("HTTP/1.1 304 "), EndsWith("\r\n\r\n"), HasSubstr(etag)));
    EXPECT_THAT(Ask("GET", "/packed.json", "If-None-Match: \"x\"\r\n"),
                StartsWith("HTTP/1.1 200 "));
  }
}

TEST_F(HttpGateway, PacksAnswersOfTheApi) {
  const std::string packed = Ask("GET", "/big", "Accept-Encoding: gzip\r\n");
  EXPECT_THAT(packed,
              AllOf(HasSubstr("Content-Encoding: gzip"), HasSubstr("ETag: W/\"e\""),
                    HasSubstr("Vary: Accept-Encoding"), EndsWith(Gzip(std::string(5000, ' '), 1))));
  EXPECT_THAT(Ask("GET", "/big"),
              AllOf(HasSubstr("Vary: Accept-Encoding"), HasSubstr("ETag: \"e\""),
                    HasSubstr("Content-Length: 5000")));
}

TEST(AcceptsGzip, WeighsTheCodings) {
  for (const char* yes : {"gzip", "GZIP", "br, gzip;q=0.1", "*", "gzip;q=1.0, *;q=0", "x-gzip",
                          "deflate , gzip ; q=1"}) {
    EXPECT_TRUE(AcceptsGzip(yes)) << yes;
  }
  for (const char* no : {"", "br", "identity", "gzip;q=0", "gzip;q=0.000", "*;q=0", "*, gzip;q=0",
                         "gzip;q=x", "gzipped"}) {
    EXPECT_FALSE(AcceptsGzip(no)) << no;
  }
}

TEST_F(HttpGateway, TellsOperators) {
  EXPECT_THAT(Ask("GET", "/healthz"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("ok\n")));
  EXPECT_THAT(Ask("GET", "/version"), EndsWith("{\"name\":\"auscultd\",\"version\":\"1.2.3\"}\n"));
  EXPECT_THAT(Ask("GET", "/metrics"), AllOf(HasSubstr("version=0.0.4"), EndsWith("a_total 1\n")));
  EXPECT_THAT(Ask("GET", "/readyz"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("ok\n")));
  missing_ = "its database does not answer";
  EXPECT_THAT(Ask("GET", "/readyz"), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr(missing_)));
  EXPECT_THAT(Ask("HEAD", "/healthz"),
              AllOf(HasSubstr("Content-Length: 3\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(Ask("POST", "/healthz"), EndsWith("api POST /healthz"));
}

TEST_F(HttpGateway, AnswersOnlyToItsOwnNames) {
  for (const char* host : {"127.0.0.1", "127.0.0.1:7080", "10.1.2.3", "[::1]:7080", "localhost",
                           "LocalHost:1", "plant.example", "plant.example:443"}) {
    EXPECT_THAT(Ask("GET", "/v1/x", "", host), StartsWith("HTTP/1.1 200 ")) << host;
  }
  for (const char* host : {"evil.example", "evil.example:7080", "localhost.evil.example",
                           "127.0.0.1.evil.example", "plant.example.", "[evil]", "xlocalhost"}) {
    EXPECT_THAT(Ask("GET", "/v1/x", "", host),
                AllOf(StartsWith("HTTP/1.1 421 "), HasSubstr("rest_hosts")))
        << host;
  }
}

TEST_F(HttpGateway, LetsPagesOfAllowedOriginsAlone) {
  const std::string allowed = "Origin: https://grafana.example\r\n";
  for (const char* method : {"GET", "POST", "DELETE"}) {
    EXPECT_THAT(Ask(method, "/v1/x", allowed),
                AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("Vary: Origin"),
                      HasSubstr("Access-Control-Allow-Origin: https://grafana.example\r\n")));
    EXPECT_THAT(Ask(method, "/v1/x", "Origin: http://127.0.0.1:7080\r\n"),
                StartsWith("HTTP/1.1 200 "));
    for (const char* origin : {"https://evil.example", "null", "http://127.0.0.1:7081",
                               "https://grafana.example.evil", "http://grafana.example"}) {
      const std::string answer = Ask(method, "/v1/x", std::string("Origin: ") + origin + "\r\n");
      EXPECT_THAT(answer, Not(HasSubstr("Access-Control-Allow-Origin"))) << origin;
      EXPECT_THAT(answer,
                  StartsWith(method == std::string("GET") ? "HTTP/1.1 200 " : "HTTP/1.1 403 "))
          << origin;
    }
  }
}

TEST_F(HttpGateway, AnswersPreflights) {
  const std::string asks = "Access-Control-Request-Method: PATCH\r\n";
  EXPECT_THAT(Ask("OPTIONS", "/v1/x", asks + "Origin: https://grafana.example\r\n"),
              AllOf(StartsWith("HTTP/1.1 204 "), HasSubstr("Access-Control-Allow-Methods: GET,"),
                    HasSubstr("Access-Control-Allow-Origin: https://grafana.example\r\n"),
                    HasSubstr("Access-Control-Max-Age: ")));
  EXPECT_THAT(Ask("OPTIONS", "/v1/x", asks + "Origin: https://evil.example\r\n"),
              AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("cors_origins")));
  EXPECT_THAT(Ask("OPTIONS", "*"), AllOf(StartsWith("HTTP/1.1 204 "), HasSubstr("Allow: GET,")));
}

TEST(OriginPolicy, IsReadFromLists) {
  std::vector<std::string> list;
  EXPECT_TRUE(ParseOrigins("cors_origins", " https://a.example, http://10.0.0.7:3000", list).ok());
  EXPECT_EQ(list.size(), 2u);
  for (const char* wrong :
       {"a.example", "https://a.example/", "*", "ftp://a", "https://", "null"}) {
    const absl::Status status = ParseOrigins("cors_origins", wrong, list);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("cors_origins"), HasSubstr("https://plant.example")));
  }
  EXPECT_TRUE(ParseHosts("rest_hosts", "", list).ok());
  EXPECT_FALSE(ParseHosts("rest_hosts", "a.example:80", list).ok());
}

TEST(StaticSite, SaysWhatIsMissing) {
  EXPECT_EQ(StaticSite::Read("/nowhere").status().code(), absl::StatusCode::kNotFound);
  const WebFolder folder;
  std::filesystem::remove(folder.path() + "/index.html");
  EXPECT_THAT(std::string(StaticSite::Read(folder.path()).status().message()),
              HasSubstr("index.html"));
}

TEST(HttpMetrics, CountByRouteAndStatus) {
  prometheus::Registry registry;
  const auto traffic = MakeHttpMetrics(&registry);
  traffic->Opened();
  HttpAccess access;
  access.method = "GET";
  access.route = "/v1/{name=sites/*}";
  access.status = 200;
  access.bytes_out = 7;
  access.took = std::chrono::milliseconds(3);
  traffic->Finished(access);
  traffic->Finished(access);
  traffic->Finished({});
  const std::string text = prometheus::TextSerializer().Serialize(registry.Collect());
  EXPECT_THAT(
      text,
      AllOf(HasSubstr("auscult_http_requests_total{method=\"GET\",route=\"/v1/{name=sites/*}\","
                      "status=\"200\"} 2"),
            HasSubstr("auscult_http_request_duration_seconds_bucket{method=\"GET\",route=\"/v1/"
                      "{name=sites/*}\",le=\"0.005\"} 2"),
            HasSubstr("route=\"none\""), HasSubstr("auscult_http_connections 1"),
            HasSubstr("auscult_http_sent_bytes_total 14")));
}

}  // namespace
}  // namespace auscult::rest
