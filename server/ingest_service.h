#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>

#include "auscult/v1/ingest_service.grpc.pb.h"
#include "db/partitions.h"
#include "db/postgres.h"
#include "server/call_pool.h"
#include "server/config.h"
#include "server/scoring_pipeline.h"
#include "server/stream_waveforms.h"
#include "server/tenants.h"

namespace auscult::server {

// Takes measurements in, as ingest_service.proto promises. Handlers never wait: records go through
// the pipeline, readings to a thread with a connection of its own from the pool.
class IngestService final : public v1::IngestService::CallbackService {
 public:
  // `gate`, `pipeline`, `pool` and `tenants` must outlive it, `tenants` the pipeline too.
  IngestService(const Config& config, const Gate* gate, ScoringPipeline* pipeline, db::Pool* pool,
                Tenants* tenants);
  ~IngestService() override;

  // Streams, new ones too, are read from no more; each ends with UNAVAILABLE once what was taken of
  // it is acknowledged. Does not wait.
  void StopStreams();

  grpc::ServerBidiReactor<v1::StreamWaveformsRequest, v1::StreamWaveformsResponse>* StreamWaveforms(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* IngestWaveform(grpc::CallbackServerContext* context,
                                           const v1::IngestWaveformRequest* request,
                                           v1::IngestWaveformResponse* response) override;
  grpc::ServerUnaryReactor* IngestFeatures(grpc::CallbackServerContext* context,
                                           const v1::IngestFeaturesRequest* request,
                                           v1::IngestFeaturesResponse* response) override;
  grpc::ServerUnaryReactor* IngestReadings(grpc::CallbackServerContext* context,
                                           const v1::IngestReadingsRequest* request,
                                           v1::IngestReadingsResponse* response) override;

 private:
  void Forget(WaveformStream* stream);

  ScoringPipeline* const pipeline_;
  const Gate* const gate_;
  db::Pool* const pool_;
  Tenants* const tenants_;
  const int64_t stream_bytes_;
  std::mutex mutex_;
  std::unordered_map<WaveformStream*, std::weak_ptr<WaveformStream>> streams_;
  bool stopping_ = false;
  db::PartitionCache reading_partitions_;  // of the thread of reading_calls_
  CallPool reading_calls_;
};

}  // namespace auscult::server
