// The promise of the server: what was acknowledged is stored, once. Senders note every record
// before they send it and every ack after it came, while the server is killed again and again.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/ingest_fixture.h"
#include "tests/support/auscultd_process.h"

namespace auscult::server {
namespace {

using Outcome = v1::IngestResult;

constexpr int kSenders = 4;
constexpr size_t kWindow = 200;  // sent and not acknowledged, at most

// Whom to send to; port 0 while the server is down.
std::atomic<int> port{0};
std::atomic<bool> enough{false};

// Sends the records of one point, and again what was not acknowledged when the server went away.
class LedgerSender {
 public:
  explicit LedgerSender(int point)
      : point_(point), next_us_(NowUs() - 3'600'000'000), thread_([this] { Run(); }) {}
  void Join() { thread_.join(); }

  const std::set<int64_t>& sent() const { return sent_; }
  const std::set<int64_t>& acked() const { return acked_; }
  int connections() const { return connections_; }

 private:
  using Stream = grpc::ClientReaderWriter<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>;

  void Run() {
    while (!enough || !pending_.empty()) {
      const int to = port;
      if (to == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        continue;
      }
      ++connections_;
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      const auto stub = v1::IngestService::NewStub(grpc::CreateCustomChannel(
          "127.0.0.1:" + std::to_string(to), grpc::InsecureChannelCredentials(), arguments));
      grpc::ClientContext context;
      const std::unique_ptr<Stream> stream = stub->StreamWaveforms(&context);
      std::thread reader([&] { ReadAcks(*stream); });
      WriteRecords(*stream);
      stream->WritesDone();
      reader.join();
      stream->Finish();
    }
  }

  void WriteRecords(Stream& stream) {
    std::set<int64_t> again;
    {
      std::lock_guard lock(mutex_);
      again = pending_;
      broken_ = false;
    }
    for (const int64_t time_us : again) {
      if (!Write(stream, time_us)) return;
    }
    while (!enough) {
      {
        std::unique_lock lock(mutex_);
        if (broken_) return;
        if (pending_.size() >= kWindow) {
          lock.unlock();
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          continue;
        }
        next_us_ += 1000;
        pending_.insert(next_us_);
        sent_.insert(next_us_);
      }
      if (!Write(stream, next_us_)) return;
    }
  }

  bool Write(Stream& stream, int64_t time_us) {
    v1::StreamWaveformsRequest request;
    request.set_sequence(static_cast<uint64_t>(time_us));
    *request.mutable_waveform() =
        TestWaveform(TestPoint(point_), time_us, 512, static_cast<int>(time_us % 97));
    return stream.Write(request);
  }

  void ReadAcks(Stream& stream) {
    v1::StreamWaveformsResponse ack;
    while (stream.Read(&ack)) {
      const auto time_us = static_cast<int64_t>(ack.sequence());
      if (ack.result().outcome() == Outcome::OUTCOME_REJECTED) {
        // Stays pending. Only a server that is going down may refuse a good record.
        EXPECT_EQ(ack.result().rejection().code(), static_cast<int>(grpc::StatusCode::UNAVAILABLE))
            << ack.DebugString();
        continue;
      }
      std::lock_guard lock(mutex_);
      pending_.erase(time_us);
      acked_.insert(time_us);
    }
    std::lock_guard lock(mutex_);
    broken_ = true;
  }

  const int point_;
  std::mutex mutex_;
  std::set<int64_t> sent_, acked_, pending_;
  bool broken_ = false;
  int64_t next_us_;
  int connections_ = 0;
  std::thread thread_;
};

std::map<std::string, std::multiset<int64_t>> StoredTimes(db::Connection& connection) {
  std::map<std::string, std::multiset<int64_t>> times;
  const auto rows = connection.Query(
      "SELECT point.slug, (extract(epoch FROM measured_at) * 1000000)::bigint FROM trend "
      "JOIN point USING (asset_id, point_id)");
  EXPECT_TRUE(rows.ok()) << rows.status();
  for (int i = 0; rows.ok() && i < rows->count(); ++i) {
    times[std::string(rows->Text(i, 0))].insert(rows->Int(i, 1));
  }
  return times;
}

int64_t CountOf(db::Connection& connection, db::Sql sql) {
  const auto rows = connection.Query(sql);
  EXPECT_TRUE(rows.ok()) << rows.status();
  return rows.ok() ? rows->Int(0, 0) : -1;
}

int Kills() {
  const char* const text = std::getenv("AUSCULT_KILLS");
  return text != nullptr ? std::atoi(text) : 4;
}

// 4 times, or what AUSCULT_KILLS says.
TEST(Ledger, WhatWasAcknowledgedIsStoredOnceThoughTheServerIsKilledUnderLoad) {
  support::TestDatabase database;
  const auto connection = database.Connect();
  CreateTestPlant(*connection);
  const std::string log = testing::TempDir() + "/auscultd_ledger.log";
  const auto start = [&] {
    auto server = std::make_unique<support::AuscultdProcess>(
        std::string(AUSCULT_BIN_DIR) + "/auscultd",
        std::vector<std::string>{"--database", database.conninfo()}, log);
    port = server->port();
    return server;
  };
  auto server = start();
  std::vector<std::unique_ptr<LedgerSender>> senders;
  for (int i = 0; i < kSenders; ++i) senders.push_back(std::make_unique<LedgerSender>(i));
  std::minstd_rand random(7);
  for (int kill = 0; kill < Kills(); ++kill) {
    std::this_thread::sleep_for(std::chrono::milliseconds(150 + random() % 400));
    port = 0;
    server->Kill();
    server = start();
  }
  enough = true;
  for (const auto& sender : senders) sender->Join();
  EXPECT_EQ(server->Stop(), 0);

  auto stored = StoredTimes(*connection);
  size_t stored_count = 0;
  for (int i = 0; i < kSenders; ++i) {
    SCOPED_TRACE("point p" + std::to_string(i));
    const std::multiset<int64_t>& times = stored["p" + std::to_string(i)];
    const std::set<int64_t>& sent = senders[i]->sent();
    const std::set<int64_t>& acked = senders[i]->acked();
    EXPECT_TRUE(std::includes(times.begin(), times.end(), acked.begin(), acked.end()))
        << "acknowledged and not stored";
    EXPECT_TRUE(std::includes(sent.begin(), sent.end(), times.begin(), times.end()))
        << "stored and never sent, or stored twice";
    EXPECT_EQ(acked, sent) << "what was not acknowledged was sent again";
    EXPECT_GT(senders[i]->connections(), Kills());
    stored_count += times.size();
  }
  EXPECT_GT(stored_count, 100u);
  const auto count = static_cast<int64_t>(stored_count);
  EXPECT_EQ(CountOf(*connection, "SELECT count(*) FROM score"), count);
  EXPECT_EQ(CountOf(*connection, "SELECT count(*) FROM waveform"), count);
  EXPECT_EQ(CountOf(*connection, "SELECT sum(record_count) FROM point_state"), count)
      << "no record moved the state of its point twice";
  RecordProperty("records", static_cast<int>(count));
  std::printf("%lld records, %d kills\n", static_cast<long long>(count), Kills());
}

}  // namespace
}  // namespace auscult::server
