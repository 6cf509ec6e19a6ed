// The real program with HTTP before its own gRPC, and a second one that is HTTP alone before it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/server/rest/raw_http.h"
#include "tests/support/auscultd_process.h"

namespace auscult::rest {
namespace {

using support::AuscultdProcess;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kProgram[] = AUSCULT_BIN_DIR "/auscultd";

std::string Get(int port, const std::string& path) {
  RawHttp client(port);
  client.Send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return client.ReadAll();
}

TEST(Auscultd, ServesHttpBesideItsGrpcAndAloneBeforeThatOfAnother) {
  std::string folder = "/tmp/auscult-rest-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  chmod(folder.c_str(), 0755);
  std::vector<std::string> arguments = {"--data-dir", folder + "/data"};
  if (geteuid() == 0) arguments.insert(arguments.end(), {"--service-user", "postgres"});
  AuscultdProcess server(kProgram, arguments, folder + "/log");
  AuscultdProcess proxy(
      kProgram, {"--roles", "rest", "--rest-upstream", server.address(), "--web-dir", "/nowhere"},
      folder + "/proxy.log");
  EXPECT_NE(server.port(), 0);
  EXPECT_EQ(proxy.port(), 0);
  for (const int port : {server.http_port(), proxy.http_port()}) {
    ASSERT_NE(port, 0);
    EXPECT_THAT(Get(port, "/healthz"), StartsWith("HTTP/1.1 200 "));
    EXPECT_THAT(Get(port, "/readyz"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("ok\n")));
    EXPECT_THAT(Get(port, "/v1/sites"),
                AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("application/json")));
    EXPECT_THAT(Get(port, "/v1/nothing"), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(Get(port, "/metrics"),
                AllOf(HasSubstr("auscult_http_requests_total{method=\"GET\",route=\"/v1/sites\","
                                "status=\"200\"} 1"),
                      HasSubstr("process_resident_memory_bytes"), HasSubstr("process_open_fds")));
  }
  EXPECT_THAT(Get(server.http_port(), "/metrics"),
              AllOf(HasSubstr("auscult_ingest_records_total{outcome=\"accepted\"} 0"),
                    HasSubstr("auscult_commit_duration_seconds_bucket{le=\"+Inf\"} 0"),
                    HasSubstr("auscult_ingest_in_flight_bytes 0")));
  EXPECT_THAT(Get(proxy.http_port(), "/"),
              AllOf(StartsWith("HTTP/1.1 404 "), HasSubstr("/nowhere"), HasSubstr("web_dir")));
  // An open stream does not hold up the stop, and ends as a whole.
  RawHttp watching(server.http_port());
  watching.Send(
      "GET /v1/sites/-/alarms:watch HTTP/1.1\r\nHost: localhost\r\n"
      "Accept: text/event-stream\r\n\r\n");
  EXPECT_THAT(watching.ReadTo("\r\n\r\n"), HasSubstr("text/event-stream"));
  EXPECT_EQ(server.Stop(), 0);
  EXPECT_THAT(watching.ReadAll(), EndsWith("0\r\n\r\n"));
  EXPECT_THAT(Get(proxy.http_port(), "/healthz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Get(proxy.http_port(), "/readyz"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(Get(proxy.http_port(), "/v1/sites"), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(proxy.Stop(), 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace auscult::rest
