#pragma once

#include <functional>
#include <memory>
#include <string>

#include "auscult/v1/health_service.grpc.pb.h"
#include "db/baseline_cache.h"
#include "db/postgres.h"
#include "server/admission.h"
#include "server/call_pool.h"
#include "server/config.h"
#include "server/plant_directory.h"
#include "server/point_scope.h"

namespace auscult::server {

// Says how machines are, why, and takes what people know better. Calls run on a few threads of its
// own. What the constructor is given must outlive it.
class HealthService final : public v1::HealthService::CallbackService {
 public:
  HealthService(const Config& config, const Gate* gate, db::Pool* database,
                PlantDirectory* directory, db::BaselineCache* baselines,
                const db::ActiveClassifier* classifier);

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  Reactor* GetAssetHealth(Context*, const v1::GetAssetHealthRequest*,
                          v1::AssetHealthReport*) override;
  Reactor* ListAssetHealth(Context*, const v1::ListAssetHealthRequest*,
                           v1::ListAssetHealthResponse*) override;
  Reactor* Diagnose(Context*, const v1::DiagnoseRequest*, v1::DiagnoseResponse*) override;
  Reactor* Explain(Context*, const v1::ExplainRequest*, v1::ExplainResponse*) override;
  Reactor* RecordMaintenance(Context*, const v1::RecordMaintenanceRequest*,
                             v1::Maintenance*) override;
  Reactor* ListMaintenance(Context*, const v1::ListMaintenanceRequest*,
                           v1::ListMaintenanceResponse*) override;
  Reactor* GetPointLimits(Context*, const v1::GetPointLimitsRequest*, v1::PointLimits*) override;
  Reactor* SetPointLimits(Context*, const v1::SetPointLimitsRequest*, v1::PointLimits*) override;
  Reactor* ListBaselines(Context*, const v1::ListBaselinesRequest*,
                         v1::ListBaselinesResponse*) override;
  Reactor* Relearn(Context*, const v1::RelearnRequest*, v1::RelearnResponse*) override;
  Reactor* ActivateBaseline(Context*, const v1::ActivateBaselineRequest*, v1::Baseline*) override;

 private:
  using PointHandler = std::function<absl::Status(PointScope&)>;
  struct Messages {
    const google::protobuf::Message* request;
    google::protobuf::Message* response;
  };
  // Runs `handler` for the point that `name` says, or refuses the name.
  Reactor* OnPoint(Context* context, Messages messages, absl::StatusOr<std::string> name,
                   const char* field, PointHandler handler);

  const Gate* const gate_;
  db::Pool* const database_;
  PlantDirectory* const directory_;
  db::BaselineCache* const baselines_;
  const db::ActiveClassifier* const classifier_;
  ByteBudget budget_;  // of waveforms that are sent to be judged
  CallPool pool_;
};

}  // namespace auscult::server
