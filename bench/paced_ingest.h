#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "bench/ingest_scene.h"
#include "bench/ingest_stream.h"
#include "models/random.h"

namespace auscult::bench {

// One sender on StreamWaveforms that does not wait for answers: records fall due at random
// (Poisson), `rate` of them a second, until it is stopped, and how long each takes is counted from
// when it was due, so that a server that holds the sender up does not hide it. Ends the program
// when a record is not accepted.
class PacedIngest {
 public:
  // `messages` are sent in turn, to `points` in turn, 20 ms of measured time apart.
  PacedIngest(const std::string& address, std::vector<v1::StreamWaveformsRequest> messages,
              std::vector<std::string> points, int64_t first_us, double rate)
      : messages_(std::move(messages)),
        points_(std::move(points)),
        next_us_(first_us),
        rate_(rate),
        random_(5, static_cast<uint64_t>(first_us), points_.size()),
        stream_(address) {
    reader_ = std::thread([this] { ReadAcks(); });
    writer_ = std::thread([this] { WriteRecords(); });
  }
  ~PacedIngest() {
    if (writer_.joinable()) Stop();
  }
  PacedIngest(const PacedIngest&) = delete;
  PacedIngest& operator=(const PacedIngest&) = delete;

  // Milliseconds from due to acknowledged, of every record that was sent. Call once.
  std::vector<double> Stop() {
    stop_ = true;
    writer_.join();
    reader_.join();
    const grpc::Status status = stream_->Finish();
    if (!status.ok()) Die(status.error_message());
    if (took_ms_.size() != due_.size()) Die("not everything was acknowledged");
    return std::move(took_ms_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  void WriteRecords() {
    Clock::time_point due = Clock::now();
    for (uint64_t sequence = 1;; ++sequence) {
      due += std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(-std::log(1 - random_.Uniform()) / rate_));
      std::this_thread::sleep_until(due);
      if (stop_) break;
      {
        const std::lock_guard lock(mutex_);
        due_.push_back(due);
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
      const Clock::time_point now = Clock::now();
      if (ack.result().outcome() != v1::IngestResult::OUTCOME_ACCEPTED) Die(ack.DebugString());
      const std::lock_guard lock(mutex_);
      const Clock::time_point due = due_.at(ack.sequence() - 1);
      took_ms_.push_back(std::chrono::duration<double, std::milli>(now - due).count());
    }
  }

  std::vector<v1::StreamWaveformsRequest> messages_;
  const std::vector<std::string> points_;
  int64_t next_us_;
  const double rate_;
  models::Random random_;
  IngestStream stream_;
  std::mutex mutex_;
  std::vector<Clock::time_point> due_;  // by sequence, from 1
  std::vector<double> took_ms_;
  std::atomic<bool> stop_{false};
  std::thread reader_, writer_;
};

}  // namespace auscult::bench
