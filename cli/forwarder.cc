#include "cli/forwarder.h"

#include <chrono>

#include "absl/time/clock.h"
#include "cli/server_channel.h"

namespace auscult::cli {
namespace {

constexpr std::chrono::milliseconds kFirstPause{500}, kLongestPause{30'000};
constexpr absl::Duration kUnreadablePause = absl::Seconds(30);
constexpr absl::Duration kLook = absl::Milliseconds(100), kWait = absl::Milliseconds(300);
constexpr absl::Duration kIdle = absl::Seconds(10);
// After it a stream without progress is given up and opened anew, later and later.
constexpr double kGiveUpAfterS = 10;

}  // namespace

Forwarder::Forwarder(ForwardState& state, const ServerOptions& server,
                     WaveformSender::Limits limits)
    : state_(state),
      server_(server),
      channel_(OpenChannel(server)),
      limits_(std::move(limits)),
      backoff_(kFirstPause, kLongestPause) {
  limits_.give_up_after_s = kGiveUpAfterS;
  limits_.give_up = [this] { return state_.stopping(); };
}

bool Forwarder::Finished() const {
  return state_.stopping() || (state_.input_ended() && state_.queue().empty());
}

void Forwarder::Rest(absl::Duration pause) const {
  const absl::Time end = absl::Now() + pause;
  while (!Finished() && absl::Now() < end) absl::SleepFor(kLook);
}

std::optional<ForwardQueue::Item> Forwarder::Next(absl::Duration wait) {
  if (state_.stopping()) return std::nullopt;
  return state_.queue().Next(absl::Now() + wait);
}

std::optional<v1::Waveform> Forwarder::Read(const ForwardQueue::Item& item) {
  const absl::StatusOr<std::string> octets = state_.spool().Read(item.number);
  v1::Waveform waveform;
  if (octets.ok() && waveform.ParseFromString(*octets)) return waveform;
  const bool is_gone = absl::IsNotFound(octets.status()) || absl::IsDataLoss(octets.status());
  if (octets.ok() || is_gone) {
    state_.spool().Remove(item.number);
    state_.queue().Done(item.number, item.lane);
  } else {
    state_.Say(std::string(octets.status().message()));
    state_.queue().Return(item.number, item.lane, kUnreadablePause);
  }
  return std::nullopt;
}

absl::StatusOr<bool> Forwarder::SendOne(const ForwardQueue::Item& item, WaveformSender& sender) {
  std::optional<v1::Waveform> waveform = Read(item);
  if (!waveform) return false;
  const absl::StatusOr<bool> done = IsDoneWithoutSamples(item, *waveform);
  if (!done.ok()) return done.status();
  if (*done) return false;
  if (absl::Status status = sender.Send(*std::move(waveform), item.number); !status.ok()) {
    return status;
  }
  return true;
}

absl::StatusOr<Forwarder::Ended> Forwarder::Pump() {
  WaveformSender sender(
      channel_, server_, limits_,
      [this](uint64_t number, const std::string& point, const v1::IngestResult& result) {
        backoff_.Reset();
        state_.Settle(number, point, result);
      });
  bool sent = false;
  absl::Time busy = absl::Now();
  while (!Finished()) {
    const std::optional<ForwardQueue::Item> item = Next(kWait);
    if (item) {
      const absl::StatusOr<bool> sent_one = SendOne(*item, sender);
      if (!sent_one.ok()) return sent_one.status();
      sent = sent || *sent_one;
      busy = absl::Now();
    } else if (sent && state_.queue().on_way() > 0) {
      busy = absl::Now();
      if (absl::Status status = sender.Flush(); !status.ok()) return status;
    } else if (absl::Now() - busy > kIdle) {
      break;
    }
  }
  if (sent) {
    if (absl::Status status = sender.Finish(); !status.ok()) return status;
  }
  return Finished() ? Ended::kDone : Ended::kIdle;
}

void Forwarder::Run() {
  while (!Finished()) {
    const absl::StatusOr<Ended> ended = Pump();
    state_.queue().ReturnAll();
    if (ended.ok()) continue;
    if (state_.stopping()) return;
    state_.SetServer(ended.status());
    Rest(absl::FromChrono(backoff_.Next()));
  }
}

}  // namespace auscult::cli
