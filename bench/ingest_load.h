#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "bench/ingest_stream.h"

namespace auscult::bench {

// What tells one record of a point from the next.
inline void Stamp(const std::string& point, int64_t measured_at_us, v1::Waveform& waveform) {
  waveform.set_point(point);
  auto& time = *waveform.mutable_measured_at();
  time.set_seconds(measured_at_us / 1'000'000);
  time.set_nanos(static_cast<int32_t>(measured_at_us % 1'000'000) * 1000);
}

// One sender on StreamWaveforms: sends as fast as it may, with at most kWindow records that are not
// acknowledged, until it is destroyed. Ends the program when a record is not accepted.
class IngestLoad {
 public:
  static constexpr int kWindow = 256;

  // `messages` are sent in turn, to `points` in turn, 20 ms of measured time apart.
  IngestLoad(const std::string& address, std::vector<v1::StreamWaveformsRequest> messages,
             std::vector<std::string> points, int64_t first_us, const Passage& passage = {})
      : messages_(std::move(messages)),
        points_(std::move(points)),
        next_us_(first_us),
        stream_(address, passage) {
    reader_ = std::thread([this] { ReadAcks(); });
    writer_ = std::thread([this] { WriteRecords(); });
  }
  ~IngestLoad() {
    stop_ = true;
    writer_.join();
    reader_.join();
    const grpc::Status status = stream_->Finish();
    if (!status.ok()) Die(status.error_message());
    if (acked_ != sent_) Die("not everything was acknowledged");
  }
  IngestLoad(const IngestLoad&) = delete;
  IngestLoad& operator=(const IngestLoad&) = delete;

  int64_t acked() const { return acked_; }

 private:
  [[noreturn]] static void Die(const std::string& what) {
    std::fprintf(stderr, "ingest_bench: %s\n", what.c_str());
    std::_Exit(1);
  }

  void WriteRecords() {
    for (uint64_t sequence = 1; !stop_; ++sequence) {
      {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return sent_ - acked_ < kWindow; });
        ++sent_;
      }
      v1::StreamWaveformsRequest& message = messages_[sequence % messages_.size()];
      message.set_sequence(sequence);
      next_us_ += 20'000;
      Stamp(points_[sequence % points_.size()], next_us_, *message.mutable_waveform());
      if (!stream_->Write(message)) Die("the stream broke off");
    }
    stream_->WritesDone();
  }

  void ReadAcks() {
    v1::StreamWaveformsResponse ack;
    while (stream_->Read(&ack)) {
      if (ack.result().outcome() != v1::IngestResult::OUTCOME_ACCEPTED) Die(ack.DebugString());
      std::lock_guard lock(mutex_);
      ++acked_;
      room_.notify_one();
    }
  }

  std::vector<v1::StreamWaveformsRequest> messages_;
  const std::vector<std::string> points_;
  int64_t next_us_;
  IngestStream stream_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::atomic<int64_t> sent_{0}, acked_{0};
  std::atomic<bool> stop_{false};
  std::thread reader_, writer_;
};

}  // namespace auscult::bench
