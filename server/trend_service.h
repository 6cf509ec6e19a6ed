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
  TrendService(db::Pool* database, PlantDirectory* directory, WatchPace pace = WatchPace());

  grpc::ServerUnaryReactor* QueryTrend(grpc::CallbackServerContext* context,
                                       const v1::QueryTrendRequest* request,
                                       v1::QueryTrendResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchTrendResponse>* WatchTrend(
      grpc::CallbackServerContext* context, const v1::WatchTrendRequest* request) override;

  // Ends the streams of WatchTrend, new ones too. Does not wait.
  void StopStreams() { watch_.Stop(); }

 private:
  db::Pool* const database_;
  PlantDirectory* const directory_;
  CallPool pool_;
  TrendWatch watch_;
};

}  // namespace auscult::server
