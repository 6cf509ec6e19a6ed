// What a server answers that can take no more, and how it comes back.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "auscult/v1/asset_service.grpc.pb.h"
#include "auscult/v1/ingest_service.grpc.pb.h"
#include "server/server.h"
#include "tests/server/plant_server.h"
#include "tests/server/rest/raw_http.h"
#include "tests/server/waveforms.h"
#include "tests/support/postgres_cluster.h"

namespace auscult::server {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kSamples = 16'384;

class Overload : public ::testing::Test {
 protected:
  Overload() {
    Config config;
    config.listen = config.rest_listen = "127.0.0.1:0";
    config.database = database_.conninfo();
    config.ingest_buffer_bytes = 16 << 20;
    config.max_message_bytes = 1 << 20;
    auto server = Server::Start(config);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()),
                                   grpc::InsecureChannelCredentials());
    for (const char* site : {"greedy", "polite"}) MakeSite(site);
    connection_ = database_.Connect();
  }

  void MakeSite(const std::string& site) {
    auto request = Parsed<v1::ImportPlantRequest>(
        "plant { site { name: 'sites/" + site + "' } assets { name: 'sites/" + site +
        "/assets/a' } points { name: '" + PointOf(site) +
        "' channels { quantity: QUANTITY_ACCELERATION unit: 'g' } } }");
    grpc::ClientContext context;
    v1::ImportPlantResponse response;
    const grpc::Status status =
        v1::AssetService::NewStub(channel_)->ImportPlant(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  static std::string PointOf(const std::string& site) {
    return "sites/" + site + "/assets/a/points/p";
  }
  v1::Waveform NextWaveform(const std::string& site) {
    return TestWaveform(PointOf(site), next_us_ += 1000, kSamples);
  }

  grpc::Status Ingest(const std::string& site, std::chrono::milliseconds patience = 10s) {
    v1::IngestWaveformRequest request;
    *request.mutable_waveform() = NextWaveform(site);
    v1::IngestWaveformResponse response;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + patience);
    return v1::IngestService::NewStub(channel_)->IngestWaveform(&context, request, &response);
  }
  // Until one is refused at once, while nothing can be committed.
  void Fill(const std::string& site) {
    for (int i = 0; i < 200; ++i) {
      if (Ingest(site, 50ms).error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) return;
    }
    FAIL() << "the server takes whatever comes";
  }
  // Of a hundred answers, what 90 of them took at most.
  static std::chrono::milliseconds TimeOf(const std::function<void()>& ask) {
    std::vector<Clock::duration> times;
    for (int i = 0; i < 100; ++i) {
      const Clock::time_point begin = Clock::now();
      ask();
      times.push_back(Clock::now() - begin);
    }
    std::sort(times.begin(), times.end());
    return std::chrono::duration_cast<std::chrono::milliseconds>(times[89]);
  }

  const support::TestDatabase database_{support::TestDatabase::Empty{}};
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<db::Connection> connection_;
  int64_t next_us_ = NowUs() - 7'200'000'000;
};

TEST_F(Overload, IsSaidAtOnceAtBothDoorsToWhoeverCausesIt) {
  ASSERT_TRUE(Ingest("greedy").ok());
  ASSERT_TRUE(connection_->ExecuteScript("BEGIN; LOCK TABLE point_state").ok());
  ASSERT_NO_FATAL_FAILURE(Fill("greedy"));

  const auto over_grpc = TimeOf([&] {
    const grpc::Status refused = Ingest("greedy");
    ExpectRefused(refused, grpc::StatusCode::RESOURCE_EXHAUSTED, "BUFFER_FULL");
    EXPECT_TRUE(RefusalOf(refused).asks_to_retry);
  });
  EXPECT_LT(over_grpc, 50ms);

  v1::IngestWaveformRequest message;
  *message.mutable_waveform() = NextWaveform("greedy");
  std::string body;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &body).ok());
  const std::string request =
      "POST /v1/" + PointOf("greedy") + ":ingest HTTP/1.1\r\nHost: localhost\r\n" +
      "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  rest::RawHttp http(server_->rest_port());
  const auto over_http = TimeOf([&] {
    ASSERT_TRUE(http.Send(request));
    const std::string answer = http.ReadAnswer();
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 429") << answer;
    EXPECT_NE(answer.find("\r\nRetry-After: "), std::string::npos) << answer;
    EXPECT_NE(answer.find("BUFFER_FULL"), std::string::npos) << answer;
  });
  EXPECT_LT(over_http, 50ms);

  // There is room for others, who wait for the commit, not for the greedy.
  EXPECT_EQ(Ingest("polite", 200ms).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);

  ASSERT_TRUE(connection_->ExecuteScript("ROLLBACK").ok());
  const Clock::time_point relieved = Clock::now();
  while (!Ingest("greedy").ok()) ASSERT_LT(Clock::now() - relieved, 10s);
  EXPECT_TRUE(Ingest("polite").ok());
}

// What a site has in the queue does not stand before what another brings.
TEST_F(Overload, OfOneSiteDoesNotSlowAnother) {
  std::vector<std::thread> greedy;
  std::atomic<bool> stop{false};
  std::atomic<int64_t> next{NowUs() - 3'600'000'000};
  for (int t = 0; t < 4; ++t) {
    greedy.emplace_back([&] {
      const auto stub = v1::IngestService::NewStub(channel_);
      grpc::ClientContext context;
      const auto stream = stub->StreamWaveforms(&context);
      std::thread reader([&] {
        v1::StreamWaveformsResponse ack;
        while (stream->Read(&ack)) {
        }
      });
      v1::StreamWaveformsRequest request;
      while (!stop) {
        *request.mutable_waveform() = TestWaveform(PointOf("greedy"), next += 1000, kSamples);
        if (!stream->Write(request)) break;
      }
      context.TryCancel();
      reader.join();
      stream->Finish();
    });
  }
  std::this_thread::sleep_for(1s);
  int accepted = 0;
  for (int i = 0; i < 20; ++i) accepted += Ingest("polite").ok() ? 1 : 0;
  stop = true;
  for (std::thread& thread : greedy) thread.join();
  EXPECT_EQ(accepted, 20) << "one at a time is never more than a share";
}

}  // namespace
}  // namespace auscult::server
