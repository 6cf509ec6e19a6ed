#pragma once

#include "auscult/v1/model_service.grpc.pb.h"
#include "db/active_classifier.h"
#include "db/postgres.h"
#include "server/call_pool.h"
#include "server/operation_runner.h"

namespace auscult::server {

// Versions of the learnt classifier: calls run on a few threads of its own, training and comparing
// on the runner; without one (null), on that of another server. `database`, `active` and `runner`
// outlive it.
class ModelService final : public v1::ModelService::CallbackService {
 public:
  ModelService(const Gate* gate, db::Pool* database, db::ActiveClassifier* active,
               OperationRunner* runner);

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* TrainModel(Context*, const v1::TrainModelRequest*,
                      google::longrunning::Operation*) override;
  Reactor* ImportModelVersion(Context*, const v1::ImportModelVersionRequest*,
                              v1::ModelVersion*) override;
  Reactor* ListModelVersions(Context*, const v1::ListModelVersionsRequest*,
                             v1::ListModelVersionsResponse*) override;
  Reactor* GetModelVersion(Context*, const v1::GetModelVersionRequest*, v1::ModelVersion*) override;
  Reactor* ActivateModelVersion(Context*, const v1::ActivateModelVersionRequest*,
                                v1::ModelVersion*) override;
  Reactor* RollbackModel(Context*, const v1::RollbackModelRequest*, v1::ModelVersion*) override;
  Reactor* DeleteModelVersion(Context*, const v1::DeleteModelVersionRequest*,
                              google::protobuf::Empty*) override;
  Reactor* CompareModelVersions(Context*, const v1::CompareModelVersionsRequest*,
                                google::longrunning::Operation*) override;

 private:
  const Gate* const gate_;
  db::Pool* const database_;
  db::ActiveClassifier* const active_;
  OperationRunner* const runner_;
  CallPool pool_;
};

}  // namespace auscult::server
