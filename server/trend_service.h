#pragma once

#include "auscult/v1/trend_service.grpc.pb.h"
#include "db/postgres.h"
#include "server/call_pool.h"
#include "server/plant_directory.h"
#include "server/trend_watch.h"

namespace auscult::server {

// Reads what was measured and said of it. Calls run on a few threads of its own. `database` and
// `directory` must outlive it.
class TrendService final : public v1::TrendService::CallbackService {
 public:
  TrendService(const Gate* gate, db::Pool* database, PlantDirectory* directory,
               WatchPace pace = WatchPace());

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* QueryTrend(Context* context, const v1::QueryTrendRequest* request,
                      v1::QueryTrendResponse* response) override;

  Reactor* ListWaveforms(Context* context, const v1::ListWaveformsRequest* request,
                         v1::ListWaveformsResponse* response) override;
  Reactor* GetWaveform(Context* context, const v1::GetWaveformRequest* request,
                       v1::GetWaveformResponse* response) override;
  Reactor* GetSpectrum(Context* context, const v1::GetSpectrumRequest* request,
                       v1::Spectrum* response) override;
  Reactor* GetEnvelopeSpectrum(Context* context, const v1::GetEnvelopeSpectrumRequest* request,
                               v1::Spectrum* response) override;
  Reactor* GetWaterfall(Context* context, const v1::GetWaterfallRequest* request,
                        v1::Waterfall* response) override;
  Reactor* KeepWaveform(Context* context, const v1::KeepWaveformRequest* request,
                        v1::StoredWaveform* response) override;
  grpc::ServerWriteReactor<v1::ExportRecordsResponse>* ExportRecords(
      Context* context, const v1::ExportRecordsRequest* request) override;

  grpc::ServerWriteReactor<v1::WatchTrendResponse>* WatchTrend(
      Context* context, const v1::WatchTrendRequest* request) override;

  // Ends the streams of WatchTrend, new ones too. Does not wait.
  void StopStreams() { watch_.Stop(); }

 private:
  // A call about the samples of one point, `name`, which stands in the field `field`.
  template <typename Request, typename Response>
  Reactor* OnSamples(Context* context, const std::string& name, const char* field,
                     const Request* request, Response* response,
                     absl::Status (*handler)(CallScope&, const DirectoryEntry&, const Request&,
                                             Response&));

  const Gate* const gate_;
  db::Pool* const database_;
  PlantDirectory* const directory_;
  CallPool pool_;
  // Of calls that read samples, which take longer.
  CallPool samples_pool_;
  TrendWatch watch_;
};

}  // namespace auscult::server
