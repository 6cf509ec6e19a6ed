#include "server/rest/http_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/http_target.h"

namespace auscult::rest {
namespace {

using ::testing::HasSubstr;

const HttpLimits kLimits;

HttpRefusal Check(const std::string& head, HttpFraming* framing = nullptr) {
  HttpFraming own;
  return CheckHead(head, kLimits, framing == nullptr ? own : *framing);
}
std::string Get(const std::string& fields) { return "GET / HTTP/1.1\r\n" + fields + "\r\n"; }
std::string Target(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

HeadScan::Result Scan(const std::string& bytes, HttpRefusal& refusal) {
  HeadScan scan(&kLimits);
  const HeadScan::Result result = scan.Look(bytes);
  refusal = scan.refusal();
  return result;
}

TEST(HttpHead, RefusesWhatOthersMightFrameDifferently) {
  struct Case {
    std::string head;
    int status;
    const char* says;
  };
  const std::vector<Case> cases = {
      {Get("Host: x\r\nTransfer-Encoding: gzip, chunked\r\n"), 501, "chunked is taken, no other"},
      {Get("Host: x\r\nTransfer-Encoding: chunked, chunked\r\n"), 501, "no other"},
      {Get("Host: x\r\nTransfer-Encoding: identity\r\n"), 501, "no other"},
      {Get("Host: x\r\nTransfer-Encoding: xchunked\r\n"), 501, "no other"},
      {Get("Host: x\r\nTransfer-Encoding: \"chunked\"\r\n"), 501, "no other"},
      {Get("Host: x\r\nTransfer-Encoding:\r\n"), 501, "no other"},
      {Get("Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400, "once"},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0"},
      {Get("Host: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400, "together"},
      {Get("Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400, "together"},
      {Get("Host: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n"), 400, "more than once"},
      {Get("Host: x\r\nContent-Length: 3\r\ncontent-length: 4\r\n"), 400, "more than once"},
      {Get("Host: x\r\nContent-Length: 3, 3\r\n"), 400, "digits alone"},
      {Get("Host: x\r\nContent-Length: +3\r\n"), 400, "digits alone"},
      {Get("Host: x\r\nContent-Length: -1\r\n"), 400, "digits alone"},
      {Get("Host: x\r\nContent-Length: 0x10\r\n"), 400, "digits alone"},
      {Get("Host: x\r\nContent-Length: 1e3\r\n"), 400, "digits alone"},
      {Get("Host: x\r\nContent-Length:\r\n"), 400, "digits alone"},
      {Get("Host: x\r\nContent-Length: 99999999999999999999999\r\n"), 413, "1048576"},
      {Get("Host: x\r\nContent-Length: 1048577\r\n"), 413, "1048576"},
      {Get("Host: x\r\nContent-Length : 3\r\n"), 400, "space stands between"},
      {Get("Host: x\r\nContent-Length\t: 3\r\n"), 400, "space stands between"},
      {Get("Host: x\r\nX: a\r\n b\r\n"), 400, "folded"},
      {Get("Host: x\r\nX: a\r\n\tb\r\n"), 400, "folded"},
      {Get(" Host: x\r\n"), 400, "folded"},
      {Get("Host: x\r\nX\r\n"), 400, "no colon"},
      {Get("Host: x\r\n: y\r\n"), 400, "not a token"},
      {Get("Host: x\r\nX(: y\r\n"), 400, "not a token"},
      {Get("Host: x\r\nX: a\x01z\r\n"), 400, "control character"},
      {Get("Host: x\r\nX: a\x7fz\r\n"), 400, "control character"},
      {Get("Host: x\r\nExpect: 200-ok\r\n"), 417, "100-continue"},
      {Get(""), 400, "Host is missing"},
      {Get("Host: a\r\nHost: a\r\n"), 400, "Host stands more than once"},
      {Get("Host: a, b\r\n"), 400, "HOST:PORT"},
      {Get("Host: a@b\r\n"), 400, "HOST:PORT"},
      {Get("Host: http://a/\r\n"), 400, "HOST:PORT"},
      {"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400, "Host stands more than once"},
  };
  for (const Case& wrong : cases) {
    SCOPED_TRACE(wrong.head);
    const HttpRefusal refusal = Check(wrong.head);
    EXPECT_EQ(refusal.status, wrong.status) << refusal.message;
    EXPECT_THAT(refusal.message, HasSubstr(wrong.says));
  }
}

TEST(HttpHead, RefusesTargetsThatAreNoPlainPath) {
  for (const char* target :
       {"http://x/", "x:443", "*", "v1/sites", "?a=b", "/a#b", "/%", "/%4", "/%zz", "/%2x", "/%00",
        "/a%00b", "/\x80", "/\xc3\xa4", "/a\tb", "/a b"}) {
    SCOPED_TRACE(target);
    EXPECT_EQ(Check(Target(target)).status, 400);
  }
  for (const char* target : {"/", "//", "/a/../b", "/v1/a:activate?b=%2F&c=\"d\"", "/%41%c3%a4"}) {
    SCOPED_TRACE(target);
    EXPECT_FALSE(Check(Target(target)).refused());
  }
  EXPECT_FALSE(Check("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").refused());
  // What a path allows is not said here.
  EXPECT_FALSE(Check("QUERY / HTTP/1.1\r\nHost: x\r\n\r\n").refused());
}

TEST(HttpHead, RefusesOtherRequestLines) {
  struct Case {
    const char* line;
    int status;
  };
  for (const Case& wrong : {Case{"GET /", 400},
                            {"GET  / HTTP/1.1", 400},
                            {"GET / HTTP/1.1 ", 400},
                            {" GET / HTTP/1.1", 400},
                            {"GET\t/ HTTP/1.1", 400},
                            {"GET / FTP/1.1", 400},
                            {"GET / http/1.1", 400},
                            {"GET / HTTP/1.10", 505},
                            {"GET / HTTP/0.9", 505},
                            {"PRI * HTTP/2.0", 505},
                            {"G@T / HTTP/1.1", 400},
                            {"get / HTTP/1.1", 501},
                            {"BREW / HTTP/1.1", 501},
                            {"TRACE / HTTP/1.1", 405},
                            {"CONNECT x:443 HTTP/1.1", 405}}) {
    SCOPED_TRACE(wrong.line);
    EXPECT_EQ(Check(std::string(wrong.line) + "\r\nHost: x\r\n\r\n").status, wrong.status);
  }
}

TEST(HttpHead, GivesTheFraming) {
  HttpFraming framing;
  EXPECT_FALSE(Check(Get("Host: x\r\n"), &framing).refused());
  EXPECT_TRUE(framing.is_http_1_1 && !framing.is_chunked && framing.content_length == 0);
  EXPECT_FALSE(Check(Get("hOST: x\r\ncontent-LENGTH:\t 007 \r\n"), &framing).refused());
  EXPECT_EQ(framing.content_length, 7);
  EXPECT_FALSE(
      Check(Get("Host: x\r\nTransfer-Encoding: Chunked\r\nExpect: 100-Continue\r\n"), &framing)
          .refused());
  EXPECT_TRUE(framing.is_chunked && framing.expects_continue);
  EXPECT_FALSE(Check("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", &framing).refused());
  EXPECT_FALSE(framing.is_http_1_1 || framing.expects_continue);
}

TEST(HttpHead, HasACountedNumberOfFields) {
  std::string fields = "Host: x\r\n";
  for (int i = 1; i < kLimits.header_fields; ++i) fields += "X: y\r\n";
  EXPECT_FALSE(Check(Get(fields)).refused());
  EXPECT_EQ(Check(Get(fields + "X: y\r\n")).status, 431);
}

TEST(HeadScan, RefusesAtTheFirstWrongByte) {
  for (const std::string& wrong :
       {std::string("GET / HTTP/1.1\n"), std::string("GET / HTTP/1.1\r\nHost: x\n"),
        std::string("GET / HTTP/1.1\rX"), std::string("GET / HTTP/1.1\r\r\n"),
        std::string("GET / HT\0TP", 11), std::string("\r\nGET"), std::string("\n"),
        std::string("\x16\x03\x01\x00", 4)}) {
    SCOPED_TRACE(wrong);
    HttpRefusal refusal;
    EXPECT_EQ(Scan(wrong, refusal), HeadScan::Result::kRefused);
    EXPECT_EQ(refusal.status, 400);
  }
}

TEST(HeadScan, FindsTheEndWhereverTheBytesAreCut) {
  const std::string head = Get("Host: x\r\nX: y\r\n");
  const std::string bytes = head + "GET /next HTTP/1.1\n";
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    HeadScan scan(&kLimits);
    auto result = scan.Look(bytes.substr(0, cut));
    EXPECT_EQ(result == HeadScan::Result::kWhole, cut >= head.size()) << cut;
    if (result == HeadScan::Result::kMore) result = scan.Look(bytes);
    EXPECT_EQ(result, HeadScan::Result::kWhole) << cut;
    EXPECT_EQ(scan.head_bytes(), head.size());
  }
}

TEST(HeadScan, HoldsItsLimits) {
  HttpRefusal refusal;
  const std::string line(static_cast<size_t>(kLimits.request_line_bytes), 'a');
  EXPECT_EQ(Scan(line, refusal), HeadScan::Result::kMore);
  EXPECT_EQ(Scan(line + "a", refusal), HeadScan::Result::kRefused);
  EXPECT_EQ(refusal.status, 414);
  std::string head = Get("Host: x\r\nX: ");
  head.resize(head.size() - 2);
  head.resize(static_cast<size_t>(kLimits.head_bytes), 'a');
  EXPECT_EQ(Scan(head, refusal), HeadScan::Result::kMore);
  EXPECT_EQ(Scan(head + "a", refusal), HeadScan::Result::kRefused);
  EXPECT_EQ(refusal.status, 431);
}

TEST(HttpHead, IsReadTheSameWayTwiceWhateverItHolds) {
  const std::vector<std::string> pieces = {"GET / HTTP/1.1\r\n",
                                           "POST /v1/a?b HTTP/1.1\r\n",
                                           "POST / HTTP/1.0\r\n",
                                           "Host: x\r\n",
                                           "Content-Length: 3\r\n",
                                           "Transfer-Encoding: chunked\r\n",
                                           "Connection: close, \r\n",
                                           "Expect: 100-continue\r\n",
                                           "X:\ty \r\n",
                                           "\r\n",
                                           "3\r\nabc\r\n",
                                           "0\r\n\r\n",
                                           "abc",
                                           "\n",
                                           " "};
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes;
    for (size_t n = 1 + random() % 10; n > 0; --n) bytes += pieces[random() % pieces.size()];
    if (random() % 2 == 0) bytes[random() % bytes.size()] = static_cast<char>(random());
    fuzz::TryHttp(bytes);  // aborts
  }
}

}  // namespace
}  // namespace auscult::rest
