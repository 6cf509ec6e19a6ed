#include "server/admin_service.h"

#include <utility>

#include "server/admin_calls.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 1;
constexpr size_t kWaitingCalls = 32;

}  // namespace

AdminService::AdminService(db::Pool* database, std::string data_dir)
    : database_(database), data_dir_(std::move(data_dir)), pool_(kThreads, kWaitingCalls) {}

template <typename Request, typename Response>
AdminService::Reactor* AdminService::Run(Context* context,
                                         absl::Status (*call)(CallScope&, const Request&,
                                                              Response&),
                                         const Request* request, Response* response) {
  return RunOnPool(pool_, *database_, context, [call, request, response](CallScope& scope) {
    return call(scope, *request, *response);
  });
}

AdminService::Reactor* AdminService::GetRetentionPolicy(
    Context* context, const v1::GetRetentionPolicyRequest* request, v1::RetentionPolicy* response) {
  return Run(context, server::GetRetentionPolicy, request, response);
}

AdminService::Reactor* AdminService::ListRetentionPolicies(
    Context* context, const v1::ListRetentionPoliciesRequest* request,
    v1::ListRetentionPoliciesResponse* response) {
  return Run(context, server::ListRetentionPolicies, request, response);
}

AdminService::Reactor* AdminService::UpdateRetentionPolicy(
    Context* context, const v1::UpdateRetentionPolicyRequest* request,
    v1::RetentionPolicy* response) {
  return Run(context, server::UpdateRetentionPolicy, request, response);
}

AdminService::Reactor* AdminService::DeleteRetentionPolicy(
    Context* context, const v1::DeleteRetentionPolicyRequest* request,
    google::protobuf::Empty* response) {
  return Run(context, server::DeleteRetentionPolicy, request, response);
}

AdminService::Reactor* AdminService::GetStorage(Context* context, const v1::GetStorageRequest*,
                                                v1::Storage* response) {
  return RunOnPool(pool_, *database_, context, [this, response](CallScope& scope) {
    return server::GetStorage(scope, data_dir_, *response);
  });
}

}  // namespace auscult::server
