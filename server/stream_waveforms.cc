#include "server/stream_waveforms.h"

#include <utility>

#include "server/errors.h"

namespace auscult::server {
namespace {

v1::IngestResult Rejected(const absl::Status& status) {
  v1::IngestResult result;
  result.set_outcome(v1::IngestResult::OUTCOME_REJECTED);
  *result.mutable_rejection() = ToRejection(status);
  return result;
}

}  // namespace

WaveformStream::WaveformStream(PointGate gate, ScoringPipeline* pipeline, Tenants* tenants,
                               OpenedStream at_key, int64_t stream_bytes,
                               std::function<void(WaveformStream*)> ended)
    : gate_(std::move(gate)),
      pipeline_(pipeline),
      tenants_(tenants),
      at_key_(std::move(at_key)),
      budget_(stream_bytes),
      ended_(std::move(ended)) {}

void WaveformStream::Start() {
  held_by_grpc_ = shared_from_this();
  Proceed();
}

void WaveformStream::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  Proceed();
}

void WaveformStream::OnReadDone(bool ok) {
  bool taken = false;
  absl::Status refused = ok ? gate_.CheckStillHolds() : absl::OkStatus();
  {
    std::lock_guard lock(mutex_);
    half_closed_ = half_closed_ || !ok;
    if (!refused.ok()) {
      stopping_ = true;
      refused_ = std::move(refused);
    }
    // What arrives while the server stops is not acknowledged, so the sender keeps it.
    taken = ok && !stopping_ && !cancelled_ && !finished_;
    if (taken) ++unanswered_;
  }
  if (taken) Take();
  {
    // Only now: another thread may start the next read into the same message at once.
    std::lock_guard lock(mutex_);
    reading_now_ = false;
  }
  Proceed();
}

void WaveformStream::OnWriteDone(bool ok) {
  // Gives its bytes back after the lock: that may wake this very stream.
  Reservation written;
  {
    std::lock_guard lock(mutex_);
    written = std::move(writing_.reservation);
    writing_now_ = false;
    --unanswered_;
    cancelled_ = cancelled_ || !ok;
  }
  Proceed();
}

void WaveformStream::OnCancel() {
  {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  Proceed();
}

void WaveformStream::OnDone() {
  const std::shared_ptr<WaveformStream> self = std::move(held_by_grpc_);
  ended_(this);
}

void WaveformStream::Take() {
  const uint64_t sequence = reading_.sequence();
  const auto bytes = static_cast<int64_t>(reading_.ByteSizeLong()) + kRecordOverheadBytes;
  std::unique_ptr<v1::Waveform> waveform(reading_.release_waveform());
  reading_.Clear();
  if (waveform == nullptr) {
    Answer(sequence, at_site_.tenant(),
           Rejected(MakeError(absl::StatusCode::kInvalidArgument,
                              {.reason = "MISSING_WAVEFORM",
                               .message = "the message has no waveform",
                               .remedy = "send one waveform with every message",
                               .field = "waveform"})));
    return;
  }
  if (absl::Status status = gate_.Admit(waveform->point(), "waveform.point"); !status.ok()) {
    Answer(sequence, at_site_.tenant(), Rejected(status));
    return;
  }
  Reservation reservation;
  if (const absl::Status status = Admit(*waveform, bytes, reservation); !status.ok()) {
    Answer(sequence, at_site_.tenant(), Rejected(status));
    return;
  }
  const std::shared_ptr<WaveformStream> self = shared_from_this();
  pipeline_->Submit(
      std::move(waveform), std::move(reservation), [self] { return self->Cancelled(); },
      [self, sequence, site = at_site_.tenant()](v1::IngestResult result) {
        self->Answer(sequence, site, std::move(result));
      });
}

absl::Status WaveformStream::Admit(const v1::Waveform& waveform, int64_t bytes, Reservation& out) {
  const std::shared_ptr<Tenant>& before = at_site_.tenant();
  if (before == nullptr || before->name() != SiteOfName(waveform.point())) {
    std::shared_ptr<Tenant> site = tenants_->OfSite(waveform.point());
    if (absl::Status status = site->OpenStream(); !status.ok()) return status;
    at_site_ = OpenedStream(std::move(site));
  }
  return tenants_->Admit(
      {.key = at_key_.tenant().get(), .site = at_site_.tenant().get(), .stream = &budget_}, bytes,
      out);
}

void WaveformStream::Answer(uint64_t sequence, const std::shared_ptr<Tenant>& site,
                            v1::IngestResult result) {
  Ack ack;
  ack.message.set_sequence(sequence);
  *ack.message.mutable_result() = std::move(result);
  // Where there is no room, the ack is kept all the same: kMaxUnanswered bounds them.
  const auto bytes = static_cast<int64_t>(ack.message.SpaceUsedLong());
  Reservation of_site;
  if (budget_.TryReserve(bytes, ack.reservation) && site != nullptr &&
      site->bytes().TryReserve(bytes, of_site)) {
    of_site.KeepAlive(site);
    ack.reservation.Join(std::move(of_site));
  }
  {
    std::lock_guard lock(mutex_);
    if (!finished_) acks_.push_back(std::move(ack));
  }
  Proceed();
}

bool WaveformStream::Cancelled() const {
  std::lock_guard lock(mutex_);
  return cancelled_;
}

void WaveformStream::Proceed() {
  // gRPC may be done with the call as soon as it is finished.
  const std::shared_ptr<WaveformStream> self = shared_from_this();
  std::unique_lock lock(mutex_);
  proceed_again_ = true;
  if (proceeding_) return;
  proceeding_ = true;
  while (std::exchange(proceed_again_, false)) {
    for (Step step = NextStep(); step != Step::kNone; step = NextStep()) {
      lock.unlock();
      Do(step);
      lock.lock();
    }
  }
  proceeding_ = false;
}

WaveformStream::Step WaveformStream::NextStep() {
  if (finished_) return Step::kNone;
  const bool all_answered = unanswered_ == 0;
  if (!writing_now_ && (cancelled_ || ((half_closed_ || stopping_) && all_answered))) {
    finished_ = true;
    return Step::kFinish;
  }
  if (!writing_now_ && !acks_.empty()) {
    writing_now_ = true;
    return Step::kWrite;
  }
  if (!reading_now_ && !half_closed_ && !stopping_ && !cancelled_ && unanswered_ < kMaxUnanswered) {
    reading_now_ = true;
    return Step::kRead;
  }
  return Step::kNone;
}

void WaveformStream::Do(Step step) {
  switch (step) {
    case Step::kRead:
      Read();
      break;
    case Step::kWrite:
      Write();
      break;
    case Step::kFinish:
      Finish(EndStatus());
      break;
    case Step::kNone:
      break;
  }
}

void WaveformStream::Read() {
  // A stream that ends while it waits for room is not kept for this.
  const auto wake = [weak = weak_from_this()] {
    const std::shared_ptr<WaveformStream> self = weak.lock();
    if (self == nullptr) return;
    {
      std::lock_guard lock(self->mutex_);
      self->reading_now_ = false;
    }
    self->Proceed();
  };
  if (!budget_.MayRead(wake)) return;
  for (const OpenedStream* place : {&at_key_, static_cast<const OpenedStream*>(&at_site_)}) {
    if (place->tenant() != nullptr && !place->tenant()->bytes().MayRead(wake)) return;
  }
  StartRead(&reading_);
}

void WaveformStream::Write() {
  grpc::WriteOptions options;
  {
    std::lock_guard lock(mutex_);
    writing_ = std::move(acks_.front());
    acks_.pop_front();
    // With more to come, the transport may send them together.
    if (!acks_.empty()) options.set_buffer_hint();
  }
  StartWrite(&writing_.message, options);
}

grpc::Status WaveformStream::EndStatus() const {
  std::lock_guard lock(mutex_);
  if (half_closed_) return grpc::Status::OK;
  if (!refused_.ok()) return ToGrpcStatus(refused_);
  return ToGrpcStatus(MakeError(absl::StatusCode::kUnavailable,
                                {.reason = "STOPPING",
                                 .message = "the server is stopping",
                                 .remedy = "reconnect and resend what was not acknowledged"}));
}

}  // namespace auscult::server
