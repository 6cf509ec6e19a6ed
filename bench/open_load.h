#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "bench/ingest_scene.h"
#include "bench/ingest_stream.h"

namespace auscult::bench {

// A sender on StreamWaveforms with a record every 1 / `rate` seconds, whether the server keeps up
// or not: a record whose time comes while flow control holds the sender up for more than a tenth of
// a second is not sent, as a device would overwrite its buffer. Rate 0: the next record as soon as
// fewer than `window` wait for their acks (closed loop). Nothing is sent again.
class OpenLoad {
 public:
  static constexpr int kClosedWindow = 64;

  struct Counts {
    int64_t offered = 0, sent = 0, accepted = 0, refused = 0;
    Counts& operator+=(const Counts& other) {
      offered += other.offered;
      sent += other.sent;
      accepted += other.accepted;
      refused += other.refused;
      return *this;
    }
    Counts operator-(const Counts& other) const {
      return {offered - other.offered, sent - other.sent, accepted - other.accepted,
              refused - other.refused};
    }
  };

  OpenLoad(const std::string& address, std::string point, double rate, int64_t first_us,
           int window = kClosedWindow)
      : messages_(Messages()),
        point_(std::move(point)),
        rate_(rate),
        window_(window),
        next_us_(first_us),
        stream_(address) {
    reader_ = std::thread([this] { ReadAcks(); });
    writer_ = std::thread([this] { WriteRecords(); });
  }
  ~OpenLoad() {
    if (writer_.joinable()) Finish();
  }
  OpenLoad(const OpenLoad&) = delete;
  OpenLoad& operator=(const OpenLoad&) = delete;

  // Sends no more.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    room_.notify_all();
  }
  // Stops and waits for all acks.
  Counts Finish() {
    Stop();
    writer_.join();
    reader_.join();
    const grpc::Status status = stream_->Finish();
    if (!status.ok()) Die(status.error_message());
    if (sent_ != accepted_ + refused_) Die("not everything was answered");
    return counts();
  }
  Counts counts() const { return {offered_, sent_, accepted_, refused_}; }

 private:
  using Clock = std::chrono::steady_clock;

  void WriteRecords() {
    const Clock::time_point begin = Clock::now();
    while (!stop_) {
      if (rate_ > 0) {
        const auto due =
            begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                        static_cast<double>(offered_.load()) / rate_));
        std::this_thread::sleep_until(due);
        ++offered_;
        if (Clock::now() - due > std::chrono::milliseconds(100)) continue;
      } else {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return stop_ || sent_ - accepted_ - refused_ < window_; });
        if (stop_) break;
        ++offered_;
      }
      Send();
    }
    stream_->WritesDone();
  }

  void Send() {
    const auto sequence = static_cast<uint64_t>(++sent_);
    v1::StreamWaveformsRequest& message = messages_[sequence % messages_.size()];
    message.set_sequence(sequence);
    next_us_ += 1000;
    Stamp(point_, next_us_, *message.mutable_waveform());
    if (!stream_->Write(message)) Die("the stream broke off");
  }

  void ReadAcks() {
    v1::StreamWaveformsResponse ack;
    while (stream_->Read(&ack)) {
      const bool accepted = ack.result().outcome() == v1::IngestResult::OUTCOME_ACCEPTED;
      if (!accepted && !ack.result().rejection().has_retry_after()) Die(ack.DebugString());
      const std::lock_guard lock(mutex_);
      ++(accepted ? accepted_ : refused_);
      room_.notify_one();
    }
  }

  std::vector<v1::StreamWaveformsRequest> messages_;
  const std::string point_;
  const double rate_;
  const int window_;
  int64_t next_us_;
  IngestStream stream_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::atomic<int64_t> offered_{0}, sent_{0}, accepted_{0}, refused_{0};
  std::atomic<bool> stop_{false};
  std::thread reader_, writer_;
};

}  // namespace auscult::bench
