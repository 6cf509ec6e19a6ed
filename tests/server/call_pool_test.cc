#include "server/call_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "auscult/v1/trend_service.grpc.pb.h"
#include "tests/server/plant_server.h"

namespace auscult::server {
namespace {

using namespace std::chrono_literals;
using grpc::StatusCode;

TEST(CallPool, TakesNoMoreThanItsQueueHolds) {
  std::promise<void> started, release;
  std::atomic<int> ran = 0;
  {
    CallPool pool(1, 2);
    ASSERT_TRUE(pool.TryRun([&] {
      started.set_value();
      release.get_future().wait();
    }));
    started.get_future().wait();
    EXPECT_TRUE(pool.TryRun([&] { ++ran; }));
    EXPECT_TRUE(pool.TryRun([&] { ++ran; }));
    EXPECT_FALSE(pool.TryRun([&] { ++ran; }));
    release.set_value();
  }
  EXPECT_EQ(ran, 2) << "what was taken is run before the pool goes";
}

TEST(CallPool, ACallerThatSendsAllItCanKeepsNobodyOut) {
  std::promise<void> started, release;
  std::string order;  // of the pool's one thread
  int taken = 0;
  {
    CallPool pool(1, 32);
    ASSERT_TRUE(pool.TryRun([&] {
      started.set_value();
      release.get_future().wait();
    }));
    started.get_future().wait();
    while (pool.TryRun([&] { order += 'g'; }, "greedy")) ++taken;
    EXPECT_EQ(taken, 28);
    EXPECT_TRUE(pool.TryRun([&] { order += 'p'; }, "polite"));
    EXPECT_TRUE(pool.TryRun([&] { order += 'o'; }, "other"));
    release.set_value();
  }
  EXPECT_EQ(order.size(), 30u);
  EXPECT_LT(order.find('p'), 3u);
  EXPECT_LT(order.find('o'), 4u);
}

// Every call waits until it is released, on a pool of one thread and one waiting place.
class Waiting final : public v1::TrendService::CallbackService {
 public:
  explicit Waiting(db::Pool* database) : database_(database) {}
  grpc::ServerUnaryReactor* QueryTrend(grpc::CallbackServerContext* context,
                                       const v1::QueryTrendRequest* request,
                                       v1::QueryTrendResponse* response) override {
    return RunOnPool({pool_, *database_, OpenGate(), context, request, response},
                     [this](CallScope& scope) {
                       ++begun;
                       while (!released && scope.still_wanted().ok())
                         std::this_thread::sleep_for(1ms);
                       return scope.still_wanted();
                     });
  }
  std::atomic<int> begun = 0;
  std::atomic<bool> released = false;

 private:
  db::Pool* const database_;
  CallPool pool_{1, 1};
};

class RunsOnPool : public ::testing::Test {
 protected:
  RunsOnPool() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::TrendService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                          grpc::InsecureChannelCredentials()));
  }

  grpc::Status Call(std::chrono::milliseconds deadline, grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    v1::QueryTrendResponse response;
    return stub_->QueryTrend(&context, {}, &response);
  }

  void AwaitBegun(int count) {
    for (int i = 0; i < 5000 && service_.begun < count; ++i) std::this_thread::sleep_for(1ms);
    ASSERT_EQ(service_.begun, count);
  }

  const support::TestDatabase database_;
  db::Pool connections_{database_.conninfo(), 2};
  Waiting service_{&connections_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::TrendService::Stub> stub_;
};

TEST_F(RunsOnPool, AnswersOverloadWithTheTimeToWait) {
  grpc::ClientContext contexts[3];
  auto running = std::async(std::launch::async, [&] { return Call(30s, contexts[0]); });
  AwaitBegun(1);
  auto queued = std::async(std::launch::async, [&] { return Call(30s, contexts[1]); });
  // The place in the queue may not be taken yet: then this call takes it, and gives it back.
  Refusal refusal;
  for (int i = 0; i < 100 && refusal.code != StatusCode::RESOURCE_EXHAUSTED; ++i) {
    grpc::ClientContext context;
    refusal = RefusalOf(Call(50ms, context));
  }
  EXPECT_EQ(refusal.code, StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refusal.reason, "TOO_MANY_CALLS");
  EXPECT_TRUE(refusal.asks_to_retry);
  service_.released = true;
  EXPECT_TRUE(running.get().ok());
  const grpc::Status second = queued.get();
  EXPECT_TRUE(second.ok() || second.error_code() == StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(RunsOnPool, StopsACallThatNobodyWaitsFor) {
  grpc::ClientContext late, cancelled;
  EXPECT_EQ(Call(100ms, late).error_code(), StatusCode::DEADLINE_EXCEEDED);
  AwaitBegun(1);
  auto second = std::async(std::launch::async, [&] { return Call(30s, cancelled); });
  AwaitBegun(2);
  cancelled.TryCancel();
  EXPECT_EQ(second.get().error_code(), StatusCode::CANCELLED);
  // Were the second call still running, the third could not begin.
  grpc::ClientContext third;
  auto last = std::async(std::launch::async, [&] { return Call(30s, third); });
  AwaitBegun(3);
  service_.released = true;
  EXPECT_TRUE(last.get().ok());
}

TEST_F(RunsOnPool, DropsACallWhoseDeadlinePassedInTheQueue) {
  grpc::ClientContext first, queued;
  auto running = std::async(std::launch::async, [&] { return Call(30s, first); });
  AwaitBegun(1);
  EXPECT_EQ(Call(100ms, queued).error_code(), StatusCode::DEADLINE_EXCEEDED);
  std::this_thread::sleep_for(300ms);  // the server counts from when the call reached it
  service_.released = true;
  EXPECT_TRUE(running.get().ok());
  // While the pool has not seen that the queued call is late, it still has its place.
  grpc::Status third;
  for (int tries = 0; tries < 100; ++tries) {
    grpc::ClientContext context;
    third = Call(30s, context);
    if (third.error_code() != StatusCode::RESOURCE_EXHAUSTED) break;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(third.ok()) << third.error_message();
  EXPECT_EQ(service_.begun, 2) << "the one in the queue never began";
}

TEST_F(RunsOnPool, SaysThatTheDatabaseIsAway) {
  db::Pool nowhere("host=/nonexistent dbname=x connect_timeout=2", 1);
  Waiting service(&nowhere);
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub = v1::TrendService::NewStub(server->InProcessChannel(grpc::ChannelArguments()));
  grpc::ClientContext context;
  v1::QueryTrendResponse response;
  const grpc::Status status = stub->QueryTrend(&context, {}, &response);
  ExpectRefused(status, StatusCode::UNAVAILABLE, "DATABASE_UNAVAILABLE");
  EXPECT_TRUE(RefusalOf(status).asks_to_retry);
}

}  // namespace
}  // namespace auscult::server
