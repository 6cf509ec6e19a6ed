#include "server/rest/http_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "tests/server/rest/raw_http.h"

namespace auscult::rest {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

void Fine(const HttpRequest&, const std::shared_ptr<Exchange>& exchange) {
  exchange->Answer({200, {}, "fine", ""});
}

// How long the server bears a client that sends `step` again and again.
milliseconds Borne(int port, const std::string& first, const std::string& step) {
  const auto begin = steady_clock::now();
  RawHttp client(port);
  client.Send(first);
  while (!client.ended() && steady_clock::now() < begin + std::chrono::seconds(10)) {
    if (!client.Receive(milliseconds(10)) && !client.ended() && !step.empty()) client.Send(step);
  }
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
}

TEST(HttpLimits, EndSilentAndSlowClientsAtEveryStage) {
  HttpLimits limits;
  limits.idle = milliseconds(200);
  limits.head = milliseconds(200);
  limits.body = milliseconds(200);
  limits.linger = milliseconds(100);
  HttpServer server(Fine, limits);
  struct Case {
    const char* what;
    std::string first, step;
  };
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  for (const Case& slow :
       {Case{"says nothing", "", ""}, Case{"stops in the head", "GET / HT", ""},
        Case{"a field at a time", "GET / HTTP/1.1\r\n", "X: y\r\n"},
        Case{"says nothing more", kGet, ""},
        Case{"stops in the body", post + "Content-Length: 9\r\n\r\nabc", ""},
        Case{"a chunk at a time", post + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
        Case{"does not go on", post + "Expect: 100-continue\r\nContent-Length: 9\r\n\r\n", ""}}) {
    SCOPED_TRACE(slow.what);
    const milliseconds borne = Borne(server.port(), slow.first, slow.step);
    EXPECT_GE(borne, milliseconds(90));
    EXPECT_LT(borne, milliseconds(1500));
  }
}

TEST(HttpLimits, EndAClientThatDoesNotReadAndSpareOneThatReadsSlowly) {
  HttpLimits limits;
  limits.write = milliseconds(300);
  constexpr size_t kBytes = 20 << 20;
  HttpServer server(
      [](const HttpRequest&, const std::shared_ptr<Exchange>& exchange) {
        exchange->Answer({200, {}, std::string(kBytes, 'x'), ""});
      },
      limits);
  RawHttp slow(server.port()), deaf(server.port());
  deaf.Send(kGet);
  slow.Send(kGet);
  size_t received = 0;
  const auto begin = steady_clock::now();
  while (received < kBytes && slow.Receive(milliseconds(2000))) {
    received = slow.received().size();
    if (steady_clock::now() - begin < milliseconds(900)) {
      std::this_thread::sleep_for(milliseconds(20));
    }
  }
  EXPECT_GE(received, kBytes);
  EXPECT_GT(steady_clock::now() - begin, milliseconds(600));
  EXPECT_LT(deaf.ReadAll().size(), kBytes);
}

TEST(HttpLimits, TurnAwayConnectionsBeyondThemAndTakeOthersLater) {
  for (const bool of_address : {false, true}) {
    HttpLimits limits;
    (of_address ? limits.connections_per_address : limits.connections) = 2;
    HttpServer server(Fine, limits);
    auto first = std::make_unique<RawHttp>(server.port());
    RawHttp second(server.port());
    for (RawHttp* client : {first.get(), &second}) {
      client->Send(kGet);
      EXPECT_THAT(client->ReadAnswer(), StartsWith("HTTP/1.1 200 "));
    }
    RawHttp third(server.port());
    EXPECT_THAT(third.ReadAll(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 5"),
                                       HasSubstr("too many connections")));
    EXPECT_EQ(server.traffic().turned_away(), 1);
    first.reset();
    std::string answer;
    for (int i = 0; i < 500 && !answer.starts_with("HTTP/1.1 200 "); ++i) {
      std::this_thread::sleep_for(milliseconds(2));
      RawHttp fourth(server.port());
      fourth.Send(kGet);
      answer = fourth.ReadAnswer();
    }
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  }
}

TEST(HttpLimits, HoldTheBodiesOfAllRequestsTogether) {
  HttpLimits limits;
  limits.body_bytes = 1'000'000;
  limits.all_bodies_bytes = 1'500'000;
  std::promise<std::shared_ptr<Exchange>> came;
  HttpServer server(
      [&](const HttpRequest& request, std::shared_ptr<Exchange> exchange) {
        if (request.path == "/held") return came.set_value(std::move(exchange));
        exchange->Answer({200, {}, "", ""});
      },
      limits);
  const auto post = [](const std::string& path) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" +
           std::string(1'000'000, 'x');
  };
  RawHttp holder(server.port());
  holder.Send(post("/held"));
  const std::shared_ptr<Exchange> held = came.get_future().get();
  RawHttp refused(server.port());
  refused.Send(post("/other"));
  EXPECT_THAT(refused.ReadAnswer(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: ")));
  held->Answer({200, {}, "", ""});
  EXPECT_THAT(holder.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
  RawHttp taken(server.port());
  taken.Send(post("/other"));
  EXPECT_THAT(taken.ReadAnswer(), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpListener, StopsByLettingAnswersFinishAndEndingStreams) {
  std::promise<std::shared_ptr<Exchange>> unary, stream;
  std::promise<void> left;
  auto server = std::make_unique<HttpServer>(
      [&](const HttpRequest& request, std::shared_ptr<Exchange> exchange) {
        if (request.path == "/unary") return unary.set_value(std::move(exchange));
        exchange->StartStream({200, {}, "", ""});
        exchange->OnLeft([&] { left.set_value(); });
        stream.set_value(std::move(exchange));
      });
  RawHttp idle(server->port()), asking(server->port()), watching(server->port());
  asking.Send("GET /unary HTTP/1.1\r\nHost: x\r\n\r\n");
  watching.Send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answering = unary.get_future().get();
  const auto streaming = stream.get_future().get();
  watching.ReadTo("\r\n\r\n");
  const int port = server->port();
  auto stopped = std::async([&] { server->listener().Stop(std::chrono::seconds(5)); });
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_EQ(left.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
  EXPECT_EQ(watching.ReadAll(), "0\r\n\r\n");
  EXPECT_FALSE(RawHttp(port).connected());
  EXPECT_EQ(stopped.wait_for(milliseconds(50)), std::future_status::timeout);
  answering->Answer({200, {}, "the last", ""});
  EXPECT_THAT(asking.ReadAll(), AllOf(EndsWith("the last"), HasSubstr("Connection: close")));
  asking.Close();
  watching.Close();
  EXPECT_EQ(stopped.wait_for(std::chrono::seconds(4)), std::future_status::ready);
  EXPECT_EQ(server->traffic().opened(), server->traffic().closed());
  server.reset();
  answering->Answer({200, {}, "too late", ""});
  streaming->End();
}

TEST(HttpListener, CutsWhatDoesNotFinishWithinTheGrace) {
  std::promise<std::shared_ptr<Exchange>> came;
  HttpServer server([&](const HttpRequest&, std::shared_ptr<Exchange> exchange) {
    came.set_value(std::move(exchange));
  });
  RawHttp client(server.port());
  client.Send(kGet);
  const auto exchange = came.get_future().get();
  const auto begin = steady_clock::now();
  server.listener().Stop(milliseconds(100));
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(2));
  EXPECT_EQ(client.ReadAll(), "");
}

TEST(HttpListener, SaysWhyItCannotListen) {
  HttpServer server(Fine);
  HttpListenerOptions options;
  options.port = server.port();
  const auto second = HttpListener::Start(options, nullptr, nullptr);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use"));
}

}  // namespace
}  // namespace auscult::rest
