#include "server/trend_service.h"

#include <memory>

#include "server/access/gate.h"
#include "server/acting.h"
#include "server/export_stream.h"
#include "server/names.h"
#include "server/spectrum_calls.h"
#include "server/store_errors.h"
#include "server/trend_calls.h"
#include "server/waveform_calls.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 3;
constexpr int kSamplesThreads = 2;
constexpr size_t kWaitingCalls = 128;

}  // namespace

TrendService::TrendService(const Gate* gate, db::Pool* database, PlantDirectory* directory,
                           WatchPace pace)
    : gate_(gate),
      database_(database),
      directory_(directory),
      pool_(kThreads, kWaitingCalls),
      samples_pool_(kSamplesThreads, kWaitingCalls),
      watch_(database, pace) {}

grpc::ServerWriteReactor<v1::WatchTrendResponse>* TrendService::WatchTrend(
    grpc::CallbackServerContext* context, const v1::WatchTrendRequest* request) {
  const absl::StatusOr<Admitted> admitted = gate_->Admit(*context, *request);
  if (!admitted.ok()) return new RefusedWatch<v1::WatchTrendResponse>(admitted.status());
  absl::StatusOr<OpenedStream> opened = OpenStreamOf(admitted->key);
  if (!opened.ok()) return new RefusedWatch<v1::WatchTrendResponse>(opened.status());
  return watch_.Watch(*request, *std::move(opened), gate_->StillHolds(admitted->caller));
}

grpc::ServerUnaryReactor* TrendService::QueryTrend(grpc::CallbackServerContext* context,
                                                   const v1::QueryTrendRequest* request,
                                                   v1::QueryTrendResponse* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [request, response](CallScope& scope) {
                     return server::QueryTrend(scope, *request, *response);
                   });
}

template <typename Request, typename Response>
TrendService::Reactor* TrendService::OnSamples(
    Context* context, const std::string& name, const char* field, const Request* request,
    Response* response,
    absl::Status (*handler)(CallScope&, const DirectoryEntry&, const Request&, Response&)) {
  auto point = std::make_shared<std::shared_ptr<const DirectoryEntry>>();
  return RunOnPool(
      {samples_pool_, *database_, *gate_, context, request, response},
      [request, response, point, handler](CallScope& scope) {
        return handler(scope, **point, *request, *response);
      },
      [this, name, field, point]() -> absl::Status {
        if (const auto parsed = ParsePointName(name, field); !parsed.ok()) return parsed.status();
        auto entry = directory_->Find(name);
        if (absl::IsNotFound(entry.status())) {
          return UnknownResource(Resource::kPoint, name, field);
        }
        if (entry.ok()) *point = *std::move(entry);
        return entry.status();
      });
}

TrendService::Reactor* TrendService::ListWaveforms(Context* context,
                                                   const v1::ListWaveformsRequest* request,
                                                   v1::ListWaveformsResponse* response) {
  return OnSamples(context, request->parent(), "parent", request, response, &server::ListWaveforms);
}
TrendService::Reactor* TrendService::GetWaveform(Context* context,
                                                 const v1::GetWaveformRequest* request,
                                                 v1::GetWaveformResponse* response) {
  return OnSamples(context, request->point(), "point", request, response, &server::GetWaveform);
}
TrendService::Reactor* TrendService::GetSpectrum(Context* context,
                                                 const v1::GetSpectrumRequest* request,
                                                 v1::Spectrum* response) {
  return OnSamples(context, request->point(), "point", request, response, &server::GetSpectrum);
}
TrendService::Reactor* TrendService::GetEnvelopeSpectrum(
    Context* context, const v1::GetEnvelopeSpectrumRequest* request, v1::Spectrum* response) {
  return OnSamples(context, request->point(), "point", request, response,
                   &server::GetEnvelopeSpectrum);
}
TrendService::Reactor* TrendService::GetWaterfall(Context* context,
                                                  const v1::GetWaterfallRequest* request,
                                                  v1::Waterfall* response) {
  return OnSamples(context, request->point(), "point", request, response, &server::GetWaterfall);
}
TrendService::Reactor* TrendService::KeepWaveform(Context* context,
                                                  const v1::KeepWaveformRequest* request,
                                                  v1::StoredWaveform* response) {
  return OnSamples(context, request->point(), "point", request, response, &server::KeepWaveform);
}

grpc::ServerWriteReactor<v1::ExportRecordsResponse>* TrendService::ExportRecords(
    Context* context, const v1::ExportRecordsRequest* request) {
  const absl::StatusOr<Admitted> admitted = gate_->Admit(*context, *request);
  if (!admitted.ok()) return new RefusedWatch<v1::ExportRecordsResponse>(admitted.status());
  absl::StatusOr<OpenedStream> opened = OpenStreamOf(admitted->key);
  if (!opened.ok()) return new RefusedWatch<v1::ExportRecordsResponse>(opened.status());
  return new ExportStream(&samples_pool_, database_, directory_, *request, *admitted,
                          RequestIdOf(*context), *std::move(opened),
                          gate_->StillHolds(admitted->caller));
}

}  // namespace auscult::server
