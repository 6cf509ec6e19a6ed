#pragma once

#include "auscult/v1/trend_service.grpc.pb.h"
#include "db/postgres.h"
#include "server/call_pool.h"
#include "server/plant_directory.h"

namespace auscult::server {

// Reads what was measured and said of it. Calls run on a few threads of its own. `database` and
// `directory` must outlive it.
class TrendService final : public v1::TrendService::CallbackService {
 public:
  TrendService(db::Pool* database, PlantDirectory* directory);

  grpc::ServerUnaryReactor* QueryTrend(grpc::CallbackServerContext* context,
                                       const v1::QueryTrendRequest* request,
                                       v1::QueryTrendResponse* response) override;

 private:
  db::Pool* const database_;
  PlantDirectory* const directory_;
  CallPool pool_;
};

}  // namespace auscult::server
