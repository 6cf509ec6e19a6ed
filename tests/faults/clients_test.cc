// Clients that are silent, slow, deaf or too many, beside others that work.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "tests/faults/ledger.h"
#include "tests/faults/server_under_test.h"
#include "tests/server/rest/raw_http.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::faults {
namespace {

using rest::RawHttp;
using std::chrono::milliseconds;
using std::chrono::seconds;

// How a client of HTTP/2 begins: its preface and empty settings.
constexpr std::string_view kHttp2Preface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

class Clients : public ::testing::Test {
 protected:
  Clients() { MakePlant(*connection_); }

  double AcksPerSecond(const Ledger& ledger, seconds length) const {
    const int64_t before = ledger.acked();
    std::this_thread::sleep_for(length);
    return static_cast<double>(ledger.acked() - before) / static_cast<double>(length.count());
  }
  std::unique_ptr<RawHttp> ConnectGrpc() {
    auto socket = std::make_unique<RawHttp>(server_.process().port());
    EXPECT_TRUE(socket->connected());
    return socket;
  }
  std::unique_ptr<RawHttp> ConnectHttp() {
    auto socket = std::make_unique<RawHttp>(server_.process().http_port());
    EXPECT_TRUE(socket->connected());
    return socket;
  }

  support::TestDatabase database_{};
  std::unique_ptr<db::Connection> connection_{database_.Connect()};
  ServerUnderTest server_{{"--database", database_.conninfo()}};
};

// Sends as fast as it may and never reads an ack.
class DeafSender {
 public:
  explicit DeafSender(const std::string& address)
      : stub_(v1::IngestService::NewStub(Connect(address))),
        stream_(stub_->StreamWaveforms(&context_)),
        writer_([this] {
          v1::StreamWaveformsRequest request;
          request.mutable_waveform()->set_point("sites/s/assets/a/points/none");
          while (stream_->Write(request)) ++sent_;
        }) {}
  ~DeafSender() {
    context_.TryCancel();
    writer_.join();
  }
  int64_t sent() const { return sent_; }

 private:
  // gRPC would let those to one server share a connection.
  static std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  }

  grpc::ClientContext context_;
  std::unique_ptr<v1::IngestService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>>
      stream_;
  std::atomic<int64_t> sent_{0};
  std::thread writer_;
};

TEST_F(Clients, ThatAreSilentSlowOrDeafHoldUpNobody) {
  Ledger ledger(4, [&](int) { return server_.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(200));
  const double alone = AcksPerSecond(ledger, seconds(2));
  const int each = Count("AUSCULT_BAD_CLIENTS", 8);
  std::vector<std::unique_ptr<RawHttp>> silent;
  std::vector<std::unique_ptr<DeafSender>> deaf;
  for (int i = 0; i < each; ++i) {
    silent.push_back(ConnectGrpc());  // says nothing at all
    silent.push_back(ConnectHttp());
    silent.push_back(ConnectGrpc());  // stops in the preface
    silent.back()->Send(kHttp2Preface.substr(0, 10));
    silent.push_back(ConnectHttp());  // stops in a header
    silent.back()->Send("GET /v1/sites HTTP/1.1\r\nHost: loc");
    silent.push_back(ConnectHttp());  // stops in a body
    silent.back()->Send(
        "POST /v1/sites HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Content-Length: 100000\r\n\r\n{");
    deaf.push_back(std::make_unique<DeafSender>(server_.address()));
  }
  // One byte a second.
  std::atomic<bool> enough{false};
  std::jthread slow([&] {
    const auto grpc = ConnectGrpc(), http = ConnectHttp();
    const std::string_view request = "GET /v1/sites HTTP/1.1\r\n";
    for (size_t i = 0; i < request.size() && !enough; ++i) {
      grpc->Send(kHttp2Preface.substr(i, 1));
      http->Send(request.substr(i, 1));
      for (int wait = 0; wait < 100 && !enough; ++wait) {
        std::this_thread::sleep_for(milliseconds(10));
      }
    }
  });
  const auto sent = [&] {
    int64_t sum = 0;
    for (const auto& one : deaf) sum += one->sent();
    return sum;
  };
  // Flow control stops those that would send for ever.
  int64_t sent_before = -1;
  for (int tries = 0; tries < 60 && sent() != sent_before; ++tries) {
    sent_before = sent();
    std::this_thread::sleep_for(milliseconds(500));
  }
  EXPECT_EQ(sent(), sent_before);
  const double beside = AcksPerSecond(ledger, seconds(Count("AUSCULT_BAD_CLIENTS_S", 3)));
  std::printf("        %.0f acks a second beside them, %.0f without\n", beside, alone);
  EXPECT_GE(beside, 0.5 * alone);
  EXPECT_TRUE(server_.IsReady());
  enough = true;
  deaf.clear();
  silent.clear();
  Conclude("silent, slow and deaf clients", 6 * each + 2, ledger.Close(*connection_));
  EXPECT_EQ(server_.Stop(), 0);
}

TEST_F(Clients, ThatAreIdleInThousandsLeaveRoomForOthers) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Ledger ledger(4, [&](int) { return server_.address(); });
  ASSERT_TRUE(ledger.AwaitAcks(200));
  const double alone = AcksPerSecond(ledger, seconds(2));
  const int count = Count("AUSCULT_IDLE", 400);
  std::vector<std::unique_ptr<RawHttp>> idle;
  for (int i = 0; i < count; ++i) {
    idle.push_back(i % 2 == 0 ? ConnectGrpc() : ConnectHttp());
    EXPECT_TRUE(i % 2 != 0 || idle.back()->Send(kHttp2Preface));
  }
  const double beside = AcksPerSecond(ledger, seconds(3));
  EXPECT_GE(beside, 0.5 * alone);
  EXPECT_TRUE(server_.IsReady());
  // New connections work, while they are there and afterwards.
  const Ledger::Mark mark = ledger.MarkNow();
  Ledger newcomer(1, [&](int) { return server_.address(); }, {.first_point = 4});
  EXPECT_TRUE(newcomer.AwaitAcks(20));
  EXPECT_TRUE(ledger.AwaitPast(mark));
  idle.clear();
  EXPECT_TRUE(server_.IsReady());
  Conclude("idle connections", count, ledger.Close(*connection_));
  Conclude("a connection beside idle ones", 1, newcomer.Close(*connection_));
  std::printf("        %.0f acks a second beside %d idle connections, %.0f without\n", beside,
              count, alone);
}

}  // namespace
}  // namespace auscult::faults
