#pragma once

#include <grpcpp/channel.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "auscult/v1/ingest_service.pb.h"
#include "cli/commands.h"

namespace auscult::cli {

// Streams waveforms to a server with a bounded number on their way. What the server asks to send
// again is sent again when it said and, the more often it asks, later; a stream that breaks is
// opened anew, after pauses that grow (Backoff) and are as long as the server asks for, and what
// was not answered is sent once more: the server knows a record by point and time, so nothing is
// stored twice. Used from one thread; `on_result` is called from another, one call at a time.
class WaveformSender {
 public:
  struct Limits {
    size_t records = 64;
    int64_t bytes = 32 << 20;
    double give_up_after_s = 60;  // in which no record gets its final answer
    // Asked while the server is away or refuses for now: true ends the waiting at once.
    std::function<bool()> give_up = nullptr;
  };
  // What became of a record: the key it was sent with, its point, and the answer.
  using OnResult =
      std::function<void(uint64_t key, const std::string& point, const v1::IngestResult& result)>;

  WaveformSender(std::shared_ptr<grpc::Channel> channel, const ServerOptions& server, Limits limits,
                 OnResult on_result);
  ~WaveformSender();

  // Waits while too much is on its way. Fails where the server cannot be reached (again), or ends
  // the stream for a reason that sending again does not cure; then nothing more can be sent.
  // `key` comes back with the answer.
  absl::Status Send(v1::Waveform waveform, uint64_t key = 0);
  // Waits for all answers, sending again what must be.
  absl::Status Flush();
  // The same, and ends the stream.
  absl::Status Finish();

  int reconnects() const;
  int64_t resends() const;

 private:
  class Stream;
  std::unique_ptr<Stream> stream_;
};

}  // namespace auscult::cli
