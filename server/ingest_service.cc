#include "server/ingest_service.h"

#include <utility>
#include <vector>

#include "server/access/gate.h"
#include "server/errors.h"
#include "server/reading_calls.h"
#include "server/record_calls.h"

namespace auscult::server {
namespace {

constexpr size_t kMaxWaitingReadingCalls = 64;

// A stream that is refused before it begins.
class RefusedStream final
    : public grpc::ServerBidiReactor<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse> {
 public:
  explicit RefusedStream(const absl::Status& status) { Finish(ToGrpcStatus(status)); }
  void OnDone() override { delete this; }
};

grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

}  // namespace

IngestService::IngestService(const Config& config, const Gate* gate, ScoringPipeline* pipeline,
                             db::Pool* pool, Tenants* tenants)
    : pipeline_(pipeline),
      gate_(gate),
      pool_(pool),
      tenants_(tenants),
      stream_bytes_(config.stream_buffer_bytes),
      reading_calls_(1, kMaxWaitingReadingCalls) {}

IngestService::~IngestService() = default;

void IngestService::StopStreams() {
  std::vector<std::shared_ptr<WaveformStream>> streams;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [key, stream] : streams_) {
      if (std::shared_ptr<WaveformStream> held = stream.lock()) streams.push_back(std::move(held));
    }
  }
  for (const std::shared_ptr<WaveformStream>& stream : streams) stream->Stop();
}

void IngestService::Forget(WaveformStream* stream) {
  std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

grpc::ServerBidiReactor<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>*
IngestService::StreamWaveforms(grpc::CallbackServerContext* context) {
  absl::StatusOr<Admitted> admitted =
      gate_->Admit(*context, v1::StreamWaveformsRequest::default_instance());
  if (!admitted.ok()) return new RefusedStream(admitted.status());
  absl::StatusOr<OpenedStream> at_key = OpenStreamOf(admitted->key);
  if (!at_key.ok()) return new RefusedStream(at_key.status());
  auto stream = std::make_shared<WaveformStream>(
      PointGate(*admitted, gate_->StillHolds(admitted->caller)), pipeline_, tenants_,
      *std::move(at_key), stream_bytes_, [this](WaveformStream* ended) { Forget(ended); });
  bool stopping = false;
  {
    std::lock_guard lock(mutex_);
    streams_.emplace(stream.get(), stream);
    stopping = stopping_;
  }
  stream->Start();
  if (stopping) stream->Stop();
  return stream.get();
}

grpc::ServerUnaryReactor* IngestService::IngestWaveform(grpc::CallbackServerContext* context,
                                                        const v1::IngestWaveformRequest* request,
                                                        v1::IngestWaveformResponse* response) {
  const absl::StatusOr<Admitted> admitted = gate_->Admit(*context, *request);
  if (!admitted.ok()) return Refuse(context, admitted.status());
  return IngestOneWaveform(pipeline_, tenants_, admitted->key, *request, response);
}

grpc::ServerUnaryReactor* IngestService::IngestFeatures(grpc::CallbackServerContext* context,
                                                        const v1::IngestFeaturesRequest* request,
                                                        v1::IngestFeaturesResponse* response) {
  const absl::StatusOr<Admitted> admitted = gate_->Admit(*context, *request);
  if (!admitted.ok()) return Refuse(context, admitted.status());
  return IngestFeatureRecords(pipeline_, tenants_, admitted->key, *request, response);
}

grpc::ServerUnaryReactor* IngestService::IngestReadings(grpc::CallbackServerContext* context,
                                                        const v1::IngestReadingsRequest* request,
                                                        v1::IngestReadingsResponse* response) {
  return RunOnPool({reading_calls_, *pool_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     const auto key = tenants_->OfKey(scope.caller->principal);
                     const auto site = tenants_->OfSite(request->parent());
                     const absl::Status taken = TakeRecords({.key = key.get(), .site = site.get()},
                                                            request->readings_size());
                     if (!taken.ok()) return taken;
                     return StoreReadings(scope, reading_partitions_, *request, response);
                   });
}

}  // namespace auscult::server
