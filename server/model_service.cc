#include "server/model_service.h"

#include "server/model_calls.h"

namespace auscult::server {
namespace {

// A model file is up to 16 MB and is held while it waits.
constexpr int kThreads = 2;
constexpr size_t kWaitingCalls = 32;

}  // namespace

ModelService::ModelService(const Gate* gate, db::Pool* database, db::ActiveClassifier* active,
                           OperationRunner* runner)
    : gate_(gate),
      database_(database),
      active_(active),
      runner_(runner),
      pool_(kThreads, kWaitingCalls) {}

ModelService::Reactor* ModelService::TrainModel(Context* context,
                                                const v1::TrainModelRequest* request,
                                                google::longrunning::Operation* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     absl::Status status = server::TrainModel(scope, *request, *response);
                     if (runner_ != nullptr) runner_->Wake();
                     return status;
                   });
}

ModelService::Reactor* ModelService::ImportModelVersion(
    Context* context, const v1::ImportModelVersionRequest* request, v1::ModelVersion* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::ImportModelVersion(scope, *request, *active_, *response);
                   });
}

ModelService::Reactor* ModelService::ListModelVersions(Context* context,
                                                       const v1::ListModelVersionsRequest* request,
                                                       v1::ListModelVersionsResponse* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::ListModelVersions(scope, *request, *active_, *response);
                   });
}

ModelService::Reactor* ModelService::GetModelVersion(Context* context,
                                                     const v1::GetModelVersionRequest* request,
                                                     v1::ModelVersion* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::GetModelVersion(scope, *request, *active_, *response);
                   });
}

ModelService::Reactor* ModelService::ActivateModelVersion(
    Context* context, const v1::ActivateModelVersionRequest* request, v1::ModelVersion* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::ActivateModelVersion(scope, *request, *active_, *response);
                   });
}

ModelService::Reactor* ModelService::RollbackModel(Context* context,
                                                   const v1::RollbackModelRequest* request,
                                                   v1::ModelVersion* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::RollbackModel(scope, *request, *active_, *response);
                   });
}

ModelService::Reactor* ModelService::DeleteModelVersion(
    Context* context, const v1::DeleteModelVersionRequest* request,
    google::protobuf::Empty* response) {
  return RunOnPool(
      {pool_, *database_, *gate_, context, request, response},
      [request](CallScope& scope) { return server::DeleteModelVersion(scope, *request); });
}

ModelService::Reactor* ModelService::CompareModelVersions(
    Context* context, const v1::CompareModelVersionsRequest* request,
    google::longrunning::Operation* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     absl::Status status = server::CompareModelVersions(scope, *request, *response);
                     if (runner_ != nullptr) runner_->Wake();
                     return status;
                   });
}

}  // namespace auscult::server
