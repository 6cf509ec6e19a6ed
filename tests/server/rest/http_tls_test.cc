// HTTP within TLS: what the tests of HttpSession and HttpLimits hold in plain text, for the kinds
// of client that differ when there is a record layer in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "server/tls/tls_files.h"
#include "tests/server/rest/raw_http.h"
#include "tests/support/made_certificates.h"

namespace auscult::rest {
namespace {

using std::chrono::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

bool Within(milliseconds time, const std::function<bool()>& happened) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!happened()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

void Echo(HttpRequest request, const std::shared_ptr<Exchange>& exchange) {
  exchange->Answer({200, {}, request.method + " " + request.path + " " + request.body, ""});
}

class HttpTls : public ::testing::Test {
 protected:
  HttpTls() {
    std::string folder = "/tmp/auscult-tls-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) std::abort();
    const support::MadeCertificate made = authority_.Issue("localhost");
    support::WriteFile(folder + "/cert.pem", made.cert);
    support::WriteFile(folder + "/key.pem", made.key);
    auto read = server::ReadTlsFiles({folder + "/cert.pem", folder + "/key.pem", "", true});
    if (!read.ok()) std::abort();
    tls_ = read->http_context;
    std::filesystem::remove_all(folder);
  }
  HttpServer Serve(HttpServer::Function function, HttpLimits limits = {}) {
    return HttpServer(std::move(function), limits, tls_);
  }
  std::string Exchanged(int port, const std::string& bytes) {
    RawHttp client(port, client_.get());
    client.Send(bytes);
    return client.ReadAll();
  }

  support::MadeAuthority authority_;
  std::shared_ptr<SSL_CTX> tls_;
  const std::shared_ptr<SSL_CTX> client_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
};

TEST_F(HttpTls, SpeaksOnlyVersionsAndCiphersThatHold) {
  HttpServer server = Serve(Echo);
  const auto shakes_hands = [&](int version, const char* ciphers) {
    const std::shared_ptr<SSL_CTX> client(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_security_level(client.get(), 0);
    SSL_CTX_set_min_proto_version(client.get(), version);
    SSL_CTX_set_max_proto_version(client.get(), version);
    if (version < TLS1_3_VERSION) SSL_CTX_set_cipher_list(client.get(), ciphers);
    return RawHttp(server.port(), client.get()).connected();
  };
  EXPECT_TRUE(shakes_hands(TLS1_3_VERSION, ""));
  EXPECT_TRUE(shakes_hands(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"));
  EXPECT_TRUE(shakes_hands(TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"));
  EXPECT_FALSE(shakes_hands(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"));
  EXPECT_FALSE(shakes_hands(TLS1_2_VERSION, "aNULL"));
  EXPECT_FALSE(shakes_hands(TLS1_1_VERSION, "ALL:@SECLEVEL=0"));
  EXPECT_FALSE(shakes_hands(TLS1_VERSION, "ALL:@SECLEVEL=0"));
}

TEST_F(HttpTls, ChoosesItsProtocolAmongThoseOffered) {
  HttpServer server = Serve(Echo);
  const auto chosen = [&](const std::string& offered) -> std::string {
    const std::shared_ptr<SSL_CTX> client(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_alpn_protos(client.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
    const RawHttp connection(server.port(), client.get());
    if (!connection.connected()) return "refused";
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(connection.ssl(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  };
  EXPECT_EQ(chosen("\x02h2\x08http/1.1"), "http/1.1");
  EXPECT_EQ(chosen("\x02h2"), "refused");
  EXPECT_EQ(chosen(""), "");
}

TEST_F(HttpTls, HangsUpOnWhoSpeaksNone) {
  HttpServer server = Serve(Echo);
  for (const std::string words :
       {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "SSH-2.0-x\r\n"}) {
    RawHttp client(server.port());
    client.Send(words);
    EXPECT_EQ(client.ReadAll().find("HTTP/"), std::string::npos) << words;
  }
  EXPECT_TRUE(server.traffic().finished().empty());
  EXPECT_TRUE(Within(milliseconds(2000), [&] { return server.listener().connections() == 0; }));
}

TEST_F(HttpTls, EndsSilentAndSlowClientsAtEveryStage) {
  HttpLimits limits;
  limits.handshake = limits.idle = limits.head = limits.body = milliseconds(150);
  HttpServer server = Serve(Echo, limits);
  const auto begin = std::chrono::steady_clock::now();
  RawHttp silent(server.port());
  RawHttp half(server.port());
  half.Send(std::string("\x16\x03\x01\x02\x00\x01", 6));  // of a ClientHello
  RawHttp idle(server.port(), client_.get()), head(server.port(), client_.get()),
      body(server.port(), client_.get());
  head.Send("GET / HT");
  body.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  for (RawHttp* client : {&silent, &half, &idle, &head, &body}) {
    EXPECT_EQ(client->ReadAll().find("HTTP/"), std::string::npos);
    EXPECT_TRUE(client->ended());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_TRUE(Within(milliseconds(2000), [&] { return server.listener().connections() == 0; }));
}

TEST_F(HttpTls, TakesARecordOfTlsForNoRequest) {
  HttpLimits limits;
  limits.head = milliseconds(100);
  HttpServer server = Serve(Echo, limits);
  RawHttp client(server.port(), client_.get());
  client.Send("GET /first HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), EndsWith("GET /first "));
  ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
  ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
  EXPECT_FALSE(client.Receive(milliseconds(300)));
  EXPECT_FALSE(client.ended());
  client.Send("GET /second HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), EndsWith("GET /second "));
}

TEST_F(HttpTls, RestsWhileARecordIsIncomplete) {
  HttpServer server = Serve([](const HttpRequest&, const std::shared_ptr<Exchange>& exchange) {
    std::this_thread::sleep_for(milliseconds(300));
    exchange->Answer({200, {}, "", ""});
  });
  RawHttp waiting(server.port(), client_.get()), handled(server.port(), client_.get());
  handled.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string begin("\x17\x03\x03", 3);  // of a record
  for (RawHttp* client : {&waiting, &handled}) {
    ASSERT_EQ(send(SSL_get_fd(client->ssl()), begin.data(), begin.size(), MSG_NOSIGNAL), 3);
  }
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(milliseconds(250));
  const double busy_s = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  EXPECT_LT(busy_s, 0.1);
}

TEST_F(HttpTls, CountsConnectionsFromBeforeTheirHandshake) {
  HttpLimits limits;
  limits.connections = 2;
  HttpServer server = Serve(Echo, limits);
  RawHttp first(server.port()), second(server.port());
  ASSERT_TRUE(Within(milliseconds(2000), [&] { return server.listener().connections() == 2; }));
  EXPECT_FALSE(RawHttp(server.port(), client_.get()).connected());
  EXPECT_EQ(server.traffic().turned_away(), 1);
  first.Close();
  EXPECT_TRUE(Within(milliseconds(2000), [&] { return server.listener().connections() == 1; }));
  EXPECT_TRUE(RawHttp(server.port(), client_.get()).connected());
}

TEST_F(HttpTls, ReadsRequestsWhereverTheyAreCut) {
  HttpServer server = Serve(Echo);
  const std::string request =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n";
  RawHttp client(server.port(), client_.get());
  for (size_t cut = 1; cut < request.size(); cut += 3) {
    client.Send(request.substr(0, cut));
    std::this_thread::sleep_for(milliseconds(1));
    client.Send(request.substr(cut));
    EXPECT_THAT(client.ReadAnswer(), EndsWith(" hello world")) << cut;
  }
  // Many in one record, more than is read at a time.
  std::string many;
  for (int i = 0; i < 300; ++i)
    many += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client.Send(many);
  for (int i = 0; i < 300; ++i) {
    ASSERT_THAT(client.ReadAnswer(), EndsWith("GET /" + std::to_string(i) + " "));
  }
}

TEST_F(HttpTls, CarriesLargeBodiesBothWays) {
  HttpLimits limits;
  limits.body_bytes = 8 << 20;
  HttpServer server = Serve(Echo, limits);
  std::string body(5 << 20, 'x');
  for (size_t i = 0; i < body.size(); i += 977) body[i] = static_cast<char>('a' + i % 26);
  RawHttp client(server.port(), client_.get());
  std::thread sender([&] {
    client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
  });
  sender.join();
  EXPECT_TRUE(client.ReadAnswer().ends_with("POST / " + body));
}

TEST_F(HttpTls, ClosesOnABrokenFrame) {
  HttpServer server = Serve(Echo);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string broken : {"x\r\n", "5\nhello\r\n0\r\n\r\n", "ffffffffffffffffff\r\n",
                                   "0\r\nContent-Length: 9\r\n\r\n"}) {
    SCOPED_TRACE(broken);
    const std::string answer =
        Exchanged(server.port(), chunked + broken + "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(answer.find("/smuggled"), std::string::npos);
  }
  for (const std::string head :
       {"GET / HTTP/1.1\nHost: x\n\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    EXPECT_THAT(Exchanged(server.port(), head), StartsWith("HTTP/1.1 400 ")) << head;
  }
}

TEST_F(HttpTls, RefusesTooMuchAndLetsTheClientReadWhy) {
  HttpServer server = Serve(Echo);
  EXPECT_THAT(Exchanged(server.port(), "GET /" + std::string(100 << 10, 'x') + " HTTP/1.1\r\n"),
              StartsWith("HTTP/1.1 414 "));
  EXPECT_THAT(Exchanged(server.port(),
                        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\nhello"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpTls, StreamsPiecesAndNoticesThatTheClientHasLeft) {
  std::mutex mutex;
  std::shared_ptr<Exchange> under_way;
  std::atomic<int> left{0};
  HttpServer server = Serve([&](const HttpRequest&, std::shared_ptr<Exchange> exchange) {
    exchange->OnLeft([&] { ++left; });
    exchange->StartStream({200, {}, "", ""});
    exchange->Send("data: one\n\n", [](bool) {});
    const std::lock_guard lock(mutex);
    under_way = std::move(exchange);
  });
  {
    RawHttp client(server.port(), client_.get());
    client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.ReadTo("one\n\n"), HasSubstr("Transfer-Encoding: chunked"));
    client.Send("GET /next HTTP/1.1\r\n");  // what comes meanwhile waits
    EXPECT_FALSE(client.Receive(milliseconds(50)));
    EXPECT_EQ(left, 0);
  }
  EXPECT_TRUE(Within(milliseconds(2000), [&] { return left == 1; }));
  const std::lock_guard lock(mutex);
  under_way.reset();
}

TEST_F(HttpTls, EndsAClientThatDoesNotRead) {
  HttpLimits limits;
  limits.write = milliseconds(200);
  HttpServer server = Serve(
      [](const HttpRequest&, const std::shared_ptr<Exchange>& exchange) {
        exchange->Answer({200, {}, std::string(64 << 20, 'x'), ""});
      },
      limits);
  RawHttp client(server.port(), client_.get());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(Within(milliseconds(5000), [&] { return server.traffic().closed() == 1; }));
}

TEST_F(HttpTls, SaysThatItIsDoneBeforeItCloses) {
  HttpServer server = Serve(Echo);
  RawHttp client(server.port(), client_.get());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 200 "));
  EXPECT_NE(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, 0);
}

}  // namespace
}  // namespace auscult::rest
