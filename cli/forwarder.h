#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "cli/backoff.h"
#include "cli/commands.h"
#include "cli/forward_state.h"
#include "cli/waveform_sender.h"

namespace auscult::cli {

// Sends what lies in the spool until the program is to end, or the input has ended and everything
// has its answer. A server that is away, refuses the caller or is overloaded is tried again and
// again, with growing pauses.
class Forwarder {
 public:
  // `limits` bounds what is on its way at once.
  Forwarder(ForwardState& state, const ServerOptions& server, WaveformSender::Limits limits);
  virtual ~Forwarder() = default;
  void Run();

 protected:
  // True where a record was settled without its samples being sent; an error where the server
  // cannot be reached.
  virtual absl::StatusOr<bool> IsDoneWithoutSamples(const ForwardQueue::Item& /*item*/,
                                                    const v1::Waveform& /*waveform*/) {
    return false;
  }

  ForwardState& state_;
  const ServerOptions& server_;
  const std::shared_ptr<grpc::Channel> channel_;

 private:
  enum class Ended { kDone, kIdle };
  // Sends what there is. kIdle after a while without anything to send, so that nobody holds a
  // stream for nothing; an error where the server cannot be reached.
  absl::StatusOr<Ended> Pump();
  // True where a record's samples are on their way now.
  absl::StatusOr<bool> SendOne(const ForwardQueue::Item& item, WaveformSender& sender);
  // A record as it was spooled; nothing where it is gone or damaged, which is then done with.
  std::optional<v1::Waveform> Read(const ForwardQueue::Item& item);
  // The next record, while the program is not to end.
  std::optional<ForwardQueue::Item> Next(absl::Duration wait);
  bool Finished() const;
  void Rest(absl::Duration pause) const;

  WaveformSender::Limits limits_;
  Backoff backoff_;
};

}  // namespace auscult::cli
