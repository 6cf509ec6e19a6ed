// What StreamWaveforms does when clients are slow, gone or too many, and when the server stops.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/server/ingest_fixture.h"

namespace auscult::server {
namespace {

using Outcome = v1::IngestResult;

int64_t NextTimeUs() {
  static std::atomic<int64_t> next{NowUs() - 7'200'000'000};
  return next += 1000;
}

v1::Waveform SmallWaveform(int point) { return TestWaveform(TestPoint(point), NextTimeUs(), 256); }

// 64 KB.
v1::Waveform LargeWaveform(int point) {
  return TestWaveform(TestPoint(point), NextTimeUs(), 16'384);
}

TEST(StreamLimits, ManySendersAndSlowCommitsStayWithinTheBudget) {
  constexpr int kSenders = 8, kRecords = 20;
  Config config;
  config.ingest_buffer_bytes = 2 << 20;
  config.stream_buffer_bytes = 512 << 10;
  IngestServer server(config);
  std::atomic<int> accepted{0}, refused{0};
  auto block = std::make_unique<CommitBlock>(server);
  std::vector<std::thread> threads;
  for (int s = 0; s < kSenders; ++s) {
    threads.emplace_back([&, s] {
      Sender sender(server);
      std::map<uint64_t, v1::Waveform> unacknowledged;
      for (int i = 0; i < kRecords; ++i) unacknowledged[i] = LargeWaveform(s);
      std::thread reader;
      std::vector<uint64_t> again;
      for (const auto& [sequence, waveform] : unacknowledged) sender.Send(sequence, waveform);
      while (!unacknowledged.empty()) {
        const auto ack = sender.ReadAck();
        ASSERT_TRUE(ack);
        if (ack->result().outcome() == Outcome::OUTCOME_ACCEPTED) {
          ++accepted;
          unacknowledged.erase(ack->sequence());
        } else {
          EXPECT_EQ(ack->result().rejection().reason(), "BUFFER_FULL") << ack->DebugString();
          EXPECT_TRUE(ack->result().rejection().has_retry_after());
          ++refused;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
          sender.Send(ack->sequence(), unacknowledged[ack->sequence()]);
        }
      }
    });
  }
  // All that may be taken has been taken.
  EXPECT_TRUE(Eventually([&] {
    return server.tenants().budget().used_bytes() >= config.ingest_buffer_bytes * 3 / 4;
  }));
  EXPECT_EQ(accepted, 0);
  block.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, kSenders * kRecords);
  EXPECT_LE(server.tenants().budget().peak_bytes(), config.ingest_buffer_bytes);
  EXPECT_TRUE(Eventually([&] { return server.tenants().budget().used_bytes() == 0; }));
  EXPECT_EQ(server.StoredRecords(), kSenders * kRecords);
}

TEST(StreamLimits, WhoNeverReadsAcksIsNotReadFrom) {
  IngestServer server;
  Sender deaf(server);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    while (deaf.Send(1, SmallWaveform(0))) {
    }
    done = true;
  });
  // Stands still, though the writer would send for ever: no record more in a while.
  int64_t stored = 0;
  EXPECT_TRUE(Eventually([&] {
    const int64_t before = std::exchange(stored, server.StoredRecords());
    if (stored == 0 || stored != before) {
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      return false;
    }
    return true;
  }));
  EXPECT_GE(stored, WaveformStream::kMaxUnanswered);
  // Beyond those, the acks that fit into the window of the stream.
  EXPECT_LT(stored, 4 * WaveformStream::kMaxUnanswered);
  EXPECT_FALSE(done);

  Sender neighbour(server);
  ASSERT_TRUE(neighbour.Send(1, SmallWaveform(1)));
  EXPECT_EQ(neighbour.ReadAck().value().result().outcome(), Outcome::OUTCOME_ACCEPTED);
  deaf.Cancel();
  writer.join();
  EXPECT_TRUE(Eventually([&] { return server.tenants().budget().used_bytes() == 0; }));
}

TEST(StreamLimits, WhatAVanishedClientHadInWorkIsSettled) {
  IngestServer server;
  {
    CommitBlock block(server);
    Sender sender(server);
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(sender.Send(i, SmallWaveform(i % 4)));
    EXPECT_TRUE(Eventually([&] { return server.tenants().budget().used_bytes() > 0; }));
    sender.Vanish();
  }
  EXPECT_TRUE(Eventually([&] { return server.tenants().budget().used_bytes() == 0; }));
  EXPECT_GT(server.StoredRecords(), 0) << "what had been begun is committed";
  Sender next(server);
  ASSERT_TRUE(next.Send(1, SmallWaveform(0)));
  EXPECT_EQ(next.ReadAck().value().result().outcome(), Outcome::OUTCOME_ACCEPTED);
}

TEST(StreamLimits, AStoppingServerAcknowledgesWhatItTookAndSaysGoodbye) {
  IngestServer server;
  Sender sender(server);
  std::map<uint64_t, int64_t> times;
  {
    CommitBlock block(server);
    for (uint64_t i = 0; i < 30; ++i) {
      times[i] = NextTimeUs();
      ASSERT_TRUE(sender.Send(i, TestWaveform(TestPoint(static_cast<int>(i % 4)), times[i], 256)));
    }
    EXPECT_TRUE(Eventually([&] { return server.tenants().budget().used_bytes() > 0; }));
    server.service().StopStreams();
  }
  size_t acked = 0;
  while (const auto ack = sender.ReadAck()) {
    EXPECT_EQ(ack->result().outcome(), Outcome::OUTCOME_ACCEPTED);
    EXPECT_TRUE(server.IsStored(times[ack->sequence()]));
    ++acked;
  }
  EXPECT_GT(acked, 0u);
  const grpc::Status status = sender.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(),
            "the server is stopping; reconnect and resend what was not acknowledged");
  EXPECT_EQ(server.StoredRecords(), static_cast<int64_t>(acked));
  // Whoever comes now is told the same.
  Sender late(server);
  EXPECT_FALSE(late.ReadAck());
  EXPECT_EQ(late.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(StreamLimits, AnIdleStreamEndsAtOnceWhenTheServerStops) {
  IngestServer server;
  Sender idle(server);
  ASSERT_TRUE(idle.Send(1, SmallWaveform(0)));
  ASSERT_TRUE(idle.ReadAck());
  server.service().StopStreams();
  EXPECT_FALSE(idle.ReadAck());
  EXPECT_EQ(idle.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(StreamLimits, RecordsWaitWhileTheDatabaseIsAway) {
  IngestServer server;
  Sender sender(server);
  ASSERT_TRUE(sender.Send(0, SmallWaveform(0)));
  ASSERT_TRUE(sender.ReadAck());
  support::PostgresCluster::Shared().Kill();
  for (int i = 1; i < 10; ++i) ASSERT_TRUE(sender.Send(i, SmallWaveform(0)));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  support::PostgresCluster::Shared().Start();
  sender.CloseHalf();
  const auto acks = sender.ReadAllAcks();
  EXPECT_EQ(acks.size(), 9u);
  for (const auto& ack : acks) {
    EXPECT_EQ(ack.result().outcome(), Outcome::OUTCOME_ACCEPTED) << ack.DebugString();
  }
}

// Streams come, send and break off while others run and the server stops in the middle of it.
TEST(StreamLimits, SurvivesClientsThatBreakOffAtAnyMoment) {
  IngestServer server;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; !stop; ++round) {
        Sender sender(server);
        for (int i = 0; i < (t + round) % 7; ++i) {
          if (!sender.Send(i, SmallWaveform(t))) break;
        }
        if (round % 3 == 0) sender.CloseHalf();
        if (round % 2 == 0) sender.ReadAck();
        sender.Vanish();
      }
    });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(800));
  server.Stop();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.tenants().budget().used_bytes(), 0);
}

}  // namespace
}  // namespace auscult::server
