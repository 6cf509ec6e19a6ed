#include "server/ingest_service.h"

#include <utility>
#include <vector>

#include "server/reading_calls.h"
#include "server/record_calls.h"

namespace auscult::server {
namespace {

constexpr size_t kMaxWaitingReadingCalls = 64;

}  // namespace

IngestService::IngestService(const Config& config, ScoringPipeline* pipeline, db::Pool* pool)
    : pipeline_(pipeline),
      pool_(pool),
      stream_bytes_(config.stream_buffer_bytes),
      budget_(config.ingest_buffer_bytes),
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
IngestService::StreamWaveforms(grpc::CallbackServerContext* /*context*/) {
  auto stream = std::make_shared<WaveformStream>(pipeline_, &budget_, stream_bytes_,
                                                 [this](WaveformStream* ended) { Forget(ended); });
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

grpc::ServerUnaryReactor* IngestService::IngestWaveform(grpc::CallbackServerContext* /*context*/,
                                                        const v1::IngestWaveformRequest* request,
                                                        v1::IngestWaveformResponse* response) {
  return IngestOneWaveform(pipeline_, &budget_, *request, response);
}

grpc::ServerUnaryReactor* IngestService::IngestFeatures(grpc::CallbackServerContext* /*context*/,
                                                        const v1::IngestFeaturesRequest* request,
                                                        v1::IngestFeaturesResponse* response) {
  return IngestFeatureRecords(pipeline_, &budget_, *request, response);
}

grpc::ServerUnaryReactor* IngestService::IngestReadings(grpc::CallbackServerContext* context,
                                                        const v1::IngestReadingsRequest* request,
                                                        v1::IngestReadingsResponse* response) {
  return RunOnPool(reading_calls_, *pool_, context, [this, request, response](CallScope& scope) {
    return StoreReadings(scope, reading_partitions_, *request, response);
  });
}

}  // namespace auscult::server
