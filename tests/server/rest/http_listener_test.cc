#include "server/rest/http_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/rest/raw_http.h"

namespace auscult::rest {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(HttpListener, AnswersARequest) {
  HttpServer server([](HttpRequest request, const std::shared_ptr<Exchange>& exchange) {
    exchange->Answer({200, {}, request.method + " " + request.path + "?" + request.query, ""});
  });
  RawHttp client(server.port());
  client.Send("GET /a%20b?c=d HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.ReadAnswer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nGET /a%20b?c=d"));
}

}  // namespace
}  // namespace auscult::rest
