#include "server/rest/http_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/server/rest/raw_http.h"

namespace auscult::rest {
namespace {

using std::chrono::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kHost = "Host: x\r\n";

// Answers with what came.
void Echo(HttpRequest request, const std::shared_ptr<Exchange>& exchange) {
  std::string fields;
  for (const auto& [name, value] : request.headers) fields += " " + name + "=" + value;
  exchange->Answer(
      {200, {}, request.method + " " + request.path + fields + " " + request.body, ""});
}

// Connects, sends, and has all that comes until the connection ends.
std::string Exchanged(int port, const std::string& bytes) {
  RawHttp client(port);
  client.Send(bytes);
  return client.ReadAll();
}

bool Within(milliseconds time, const std::function<bool()>& happened) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!happened()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

TEST(HttpSession, KeepsTheConnectionForTheNextRequest) {
  HttpServer server(Echo);
  RawHttp client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.Send("GET /" + std::to_string(i) + " HTTP/1.1\r\n" + kHost + "\r\n");
    const std::string answer = client.ReadAnswer();
    EXPECT_THAT(answer, EndsWith("GET /" + std::to_string(i) + " Host=x "));
    EXPECT_THAT(answer, Not(HasSubstr("Connection:")));
    EXPECT_THAT(answer, HasSubstr("\r\nDate: "));
  }
  EXPECT_EQ(server.traffic().opened(), 1);
}

TEST(HttpSession, ClosesWhereTheClientAsksOrSpeaksTheOlderVersion) {
  HttpServer server(Echo);
  for (const char* request : {"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                              "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nHost: x\r\n\r\n"}) {
    EXPECT_THAT(Exchanged(server.port(), request), HasSubstr("\r\nConnection: close\r\n"));
  }
  RawHttp kept(server.port());
  for (int i = 0; i < 2; ++i) {
    kept.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(kept.ReadAnswer(), HasSubstr("\r\nConnection: keep-alive\r\n"));
  }
}

TEST(HttpSession, AnswersPipelinedRequestsInTheirOrderOneAtATime) {
  std::atomic<int> under_way{0}, most{0};
  std::vector<std::thread> threads;
  {
    HttpServer server([&](HttpRequest request, std::shared_ptr<Exchange> exchange) {
      most = std::max(most.load(), ++under_way);
      threads.emplace_back([&, request = std::move(request), exchange = std::move(exchange)] {
        std::this_thread::sleep_for(milliseconds(request.path == "/0" ? 100 : 1));
        --under_way;
        Echo(request, exchange);
      });
    });
    RawHttp client(server.port());
    std::string requests;
    for (int i = 0; i < 5; ++i) {
      requests += "POST /" + std::to_string(i) +
                  " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nb" + std::to_string(i);
    }
    client.Send(requests);
    for (int i = 0; i < 5; ++i) {
      const std::string number = std::to_string(i);
      EXPECT_THAT(client.ReadAnswer(),
                  AllOf(HasSubstr("POST /" + number), EndsWith(" b" + number)));
    }
    EXPECT_EQ(most, 1);
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(HttpSession, ReadsBodiesOfBothFramingsWhereverTheyAreCut) {
  HttpServer server(Echo);
  for (const std::string request :
       {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n"}) {
    RawHttp client(server.port());
    for (size_t cut = 1; cut < request.size(); cut += 3) {
      client.Send(request.substr(0, cut));
      std::this_thread::sleep_for(milliseconds(1));
      client.Send(request.substr(cut));
      EXPECT_THAT(client.ReadAnswer(), EndsWith(" hello world")) << cut;
    }
  }
}

TEST(HttpSession, DoesNotTakeTrailersForHeaders) {
  HttpServer server(Echo);
  RawHttp client(server.port());
  client.Send(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nhi\r\n0\r\nAuthorization: me\r\nHost: y\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), EndsWith("POST / Host=x Transfer-Encoding=chunked hi"));
  client.Send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), EndsWith("GET /next Host=x "));
}

TEST(HttpSession, ClosesOnABrokenFrame) {
  HttpServer server(Echo);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string broken :
       {"x\r\n", "-1\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5 ;\x01=\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n", "5;\"a\nb\"\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n", "5\r\nhello\r\n0\r\nX y\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
        "0\r\nContent-Length: 9\r\n\r\n"}) {
    SCOPED_TRACE(broken);
    const std::string answer =
        Exchanged(server.port(), chunked + broken + "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 4"));
    EXPECT_THAT(answer, AllOf(HasSubstr("\r\nConnection: close\r\n"), Not(HasSubstr("smuggled")),
                              HasSubstr("\"status\":\"INVALID_ARGUMENT\""),
                              HasSubstr("\r\nX-Request-Id: ")));
  }
  const std::string twice =
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 30\r\n"
      "\r\nabcGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_THAT(Exchanged(server.port(), twice),
              AllOf(StartsWith("HTTP/1.1 400 Bad Request\r\n"), Not(HasSubstr("smuggled"))));
  EXPECT_EQ(server.traffic().opened(), 12);
}

TEST(HttpSession, RefusesBodiesBeyondTheLimitBeforeTheyAreSent) {
  HttpLimits limits;
  limits.body_bytes = 1000;
  HttpServer server(Echo, limits);
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
  EXPECT_THAT(Exchanged(server.port(), head + "Content-Length: 1001\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("1000 bytes allowed")));
  // With all of it under way the answer is read all the same.
  EXPECT_THAT(Exchanged(server.port(),
                        head + "Content-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'x')),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(Exchanged(server.port(), head + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n"),
              StartsWith("HTTP/1.1 413 "));
  std::string chunks;
  for (int i = 0; i < 11; ++i) chunks += "64\r\n" + std::string(100, 'x') + "\r\n";
  EXPECT_THAT(Exchanged(server.port(), head + "Transfer-Encoding: chunked\r\n\r\n" + chunks),
              StartsWith("HTTP/1.1 413 "));
  RawHttp client(server.port());
  client.Send(head + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpSession, AsksForABodyThatWaitsForIt) {
  HttpServer server(Echo);
  RawHttp client(server.port());
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n";
  client.Send(head + "Content-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadTo("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hi");
  EXPECT_THAT(client.ReadAnswer(), EndsWith(" hi"));
  // Nothing to wait for, sent at once, refused: no word of going on.
  client.Send(head + "Content-Length: 0\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
  client.Send(head + "Content-Length: 2\r\n\r\nhi");
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
  client.Send(head + "Content-Length: 99999999\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 413 "));
}

TEST(HttpSession, SendsNoBodyForHeadAndItsLengthAllTheSame) {
  HttpServer server([](HttpRequest request, std::shared_ptr<Exchange> exchange) {
    if (request.path == "/empty") return exchange->Answer({204, {}, "", ""});
    if (request.path == "/same") return exchange->Answer({304, {}, "", ""});
    if (request.path == "/stream") {
      exchange->StartStream({200, {}, "", ""});
      return exchange->Send("piece", [exchange](bool) { exchange->End(); });
    }
    exchange->Answer({200, {}, request.method, ""});
  });
  RawHttp client(server.port());
  client.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadTo("\r\n\r\n"), HasSubstr("\r\nContent-Length: 3\r\n"));
  client.Send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadTo("\r\n\r\n"), HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  for (const char* path : {"/empty", "/same"}) {
    client.Send(std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.ReadTo("\r\n\r\n"), Not(HasSubstr("Content-Length")));
  }
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), EndsWith("\r\n\r\nGET"));
}

TEST(HttpSession, StreamsPieces) {
  HttpServer server([](const HttpRequest&, std::shared_ptr<Exchange> exchange) {
    exchange->StartStream({200, {{"Content-Type", "text/plain"}}, "", ""});
    exchange->Send("", [exchange](bool) {
      exchange->Send("one", [exchange](bool) {
        exchange->Send(std::string(300, 'x'), [exchange](bool) { exchange->End(); });
      });
    });
  });
  RawHttp client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadTo("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_EQ(client.ReadTo("0\r\n\r\n"),
            "3\r\none\r\n12c\r\n" + std::string(300, 'x') + "\r\n0\r\n\r\n");
  const std::string older = Exchanged(server.port(), "GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(older, AllOf(EndsWith("\r\n\r\none" + std::string(300, 'x')),
                           Not(HasSubstr("chunked")), HasSubstr("Connection: close")));
}

TEST(HttpSession, NoticesThatTheClientHasLeft) {
  std::promise<void> unary_left, stream_left;
  std::shared_ptr<Exchange> kept, stream;
  HttpServer server([&](const HttpRequest& request, std::shared_ptr<Exchange> exchange) {
    if (request.path == "/unary") {
      exchange->OnLeft([&] { unary_left.set_value(); });
      kept = std::move(exchange);
      return;
    }
    exchange->StartStream({200, {}, "", ""});
    exchange->OnLeft([&] { stream_left.set_value(); });
    stream = std::move(exchange);
  });
  for (auto* left : {&unary_left, &stream_left}) {
    RawHttp client(server.port());
    client.Send(std::string("GET ") + (left == &unary_left ? "/unary" : "/stream") +
                " HTTP/1.1\r\nHost: x\r\n\r\nGET /next");
    if (left == &stream_left) client.ReadTo("\r\n\r\n");
    std::this_thread::sleep_for(milliseconds(20));
    client.Close();
    ASSERT_EQ(left->get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  }
  kept->Answer({200, {}, "late", ""});
  std::promise<bool> taken;
  stream->Send("late", [&](bool is_taken) { taken.set_value(is_taken); });
  EXPECT_FALSE(taken.get_future().get());
  std::promise<void> told;
  stream->OnLeft([&] { told.set_value(); });
  EXPECT_EQ(told.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_TRUE(Within(milliseconds(2000), [&] { return server.traffic().finished().size() == 2; }));
  EXPECT_EQ(server.traffic().finished()[0].status, 499);
}

TEST(HttpSession, AnswersForAHandlerThatForgot) {
  HttpServer server([](const HttpRequest&, const std::shared_ptr<Exchange>& exchange) {
    exchange->OnLeft([] {});
  });
  EXPECT_THAT(Exchanged(server.port(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 500 "));
}

TEST(HttpSession, LetsNoHeaderOfAnAnswerEndItsLine) {
  HttpServer server([](const HttpRequest&, const std::shared_ptr<Exchange>& exchange) {
    exchange->Answer({200, {{"X", std::string("a\r\nSet-Cookie: b\0c", 18)}}, "", ""});
  });
  EXPECT_THAT(Exchanged(server.port(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              HasSubstr("\r\nX: a  Set-Cookie: b c\r\n"));
}

TEST(HttpSession, TellsWhatHappened) {
  HttpServer server([](const HttpRequest&, const std::shared_ptr<Exchange>& exchange) {
    exchange->Answer({200, {}, "four", "/v1/{name}"});
  });
  RawHttp client(server.port());
  client.Send(
      "POST /v1/x?token=1 HTTP/1.1\r\nHost: x\r\nUser-Agent: test\r\nX-Request-Id: my-7\r\n"
      "Content-Length: 3\r\n\r\nabc");
  const std::string answer = client.ReadAnswer();
  ASSERT_TRUE(Within(milliseconds(2000), [&] { return server.traffic().finished().size() == 1; }));
  const HttpAccess access = server.traffic().finished()[0];
  EXPECT_EQ(access.method + access.path + access.route, "POST/v1/x/v1/{name}");
  EXPECT_EQ(access.status, 200);
  EXPECT_EQ(access.bytes_in, 3);
  EXPECT_EQ(access.bytes_out, static_cast<int64_t>(answer.size()));
  EXPECT_EQ(access.remote_host + access.request_id + access.user_agent, "127.0.0.1my-7test");
}

}  // namespace
}  // namespace auscult::rest
