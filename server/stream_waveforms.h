#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/access/point_gate.h"
#include "server/admission.h"
#include "server/scoring_pipeline.h"
#include "server/tenants.h"

namespace auscult::server {

// One call of StreamWaveforms. Reads as long as the byte budgets of stream, key and site and the
// number of unanswered messages allow; otherwise it does not, and flow control slows the sender.
// The site is that of the last record, and the stream counts as one of its streams. Every message
// gets one ack, in the order of commits. A sender that does not read its acks is not read from
// either.
//
// Lives until gRPC and the pipeline have let go of it. All calls into gRPC are made by one thread
// at a time and under no lock.
class WaveformStream final
    : public grpc::ServerBidiReactor<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>,
      public std::enable_shared_from_this<WaveformStream> {
 public:
  // Taken and not yet acknowledged, at most.
  static constexpr int kMaxUnanswered = 1024;
  // What a record costs beside its message until it is committed: features, keys, the ack.
  static constexpr int64_t kRecordOverheadBytes = 4096;

  // `ended` is called when gRPC is done with the call. `pipeline` and `tenants` must outlive the
  // stream, which is `at_key`'s.
  WaveformStream(PointGate gate, ScoringPipeline* pipeline, Tenants* tenants, OpenedStream at_key,
                 int64_t stream_bytes, std::function<void(WaveformStream*)> ended);

  // To be called once, before gRPC gets the reactor.
  void Start();

  // No further message is read; the call ends with UNAVAILABLE when what was taken is acknowledged.
  void Stop();

 private:
  enum class Step { kNone, kRead, kWrite, kFinish };

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void Take();
  absl::Status Admit(const v1::Waveform& waveform, int64_t bytes, Reservation& out);
  void Answer(uint64_t sequence, const std::shared_ptr<Tenant>& site, v1::IngestResult result);
  bool Cancelled() const;

  // Does whatever can be done now, in this thread or in the one that is at it already.
  void Proceed();
  Step NextStep();
  void Do(Step step);
  void Read();
  void Write();
  grpc::Status EndStatus() const;

  PointGate gate_;  // of the thread that takes a message
  ScoringPipeline* const pipeline_;
  Tenants* const tenants_;
  const OpenedStream at_key_;
  ByteBudget budget_;
  const std::function<void(WaveformStream*)> ended_;
  std::shared_ptr<WaveformStream> held_by_grpc_;

  struct Ack {
    v1::StreamWaveformsResponse message;
    Reservation reservation;
  };
  v1::StreamWaveformsRequest reading_;  // of gRPC while a read is under way
  OpenedStream at_site_;                // of who takes or starts a read
  Ack writing_;                         // of gRPC while a write is under way

  mutable std::mutex mutex_;
  std::deque<Ack> acks_;
  int unanswered_ = 0;
  bool proceeding_ = false, proceed_again_ = false;
  bool reading_now_ = false;  // or waiting for room to read
  bool writing_now_ = false;
  bool half_closed_ = false, cancelled_ = false, stopping_ = false, finished_ = false;
  absl::Status refused_;  // why the caller may send no more
};

}  // namespace auscult::server
