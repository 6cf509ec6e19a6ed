#include "server/admin_service.h"

#include <utility>

#include "server/access/key_calls.h"
#include "server/admin_calls.h"
#include "server/audit_calls.h"
#include "server/quota_calls.h"

namespace auscult::server {
namespace {

constexpr int kThreads = 1;
constexpr size_t kWaitingCalls = 32;

}  // namespace

AdminService::AdminService(const Gate* gate, KeyRing* keys, db::Pool* database,
                           std::string data_dir, Tenants* tenants)
    : gate_(gate),
      keys_(keys),
      database_(database),
      data_dir_(std::move(data_dir)),
      tenants_(tenants),
      pool_(kThreads, kWaitingCalls) {}

template <typename Request, typename Response>
AdminService::Reactor* AdminService::Run(Context* context,
                                         absl::Status (*call)(CallScope&, const Request&,
                                                              Response&),
                                         const Request* request, Response* response) {
  return RunOnPool(
      {pool_, *database_, *gate_, context, request, response},
      [call, request, response](CallScope& scope) { return call(scope, *request, *response); });
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

AdminService::Reactor* AdminService::ListAuditEntries(Context* context,
                                                      const v1::ListAuditEntriesRequest* request,
                                                      v1::ListAuditEntriesResponse* response) {
  return Run(context, server::ListAuditEntries, request, response);
}

AdminService::Reactor* AdminService::GetStorage(Context* context,
                                                const v1::GetStorageRequest* request,
                                                v1::Storage* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, response](CallScope& scope) {
                     return server::GetStorage(scope, data_dir_, *response);
                   });
}

AdminService::Reactor* AdminService::GetCaller(Context* context,
                                               const v1::GetCallerRequest* request,
                                               v1::Caller* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [response](CallScope& scope) { return server::GetCaller(scope, *response); });
}

AdminService::Reactor* AdminService::CreateKey(Context* context,
                                               const v1::CreateKeyRequest* request,
                                               v1::CreateKeyResponse* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::CreateKey(scope, *request, *keys_, *response);
                   });
}

AdminService::Reactor* AdminService::GetKey(Context* context, const v1::GetKeyRequest* request,
                                            v1::Key* response) {
  return Run(context, server::GetKey, request, response);
}

AdminService::Reactor* AdminService::ListKeys(Context* context, const v1::ListKeysRequest* request,
                                              v1::ListKeysResponse* response) {
  return Run(context, server::ListKeys, request, response);
}

AdminService::Reactor* AdminService::RevokeKey(Context* context,
                                               const v1::RevokeKeyRequest* request,
                                               v1::Key* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::RevokeKey(scope, *request, *keys_, *response);
                   });
}

AdminService::Reactor* AdminService::GetQuota(Context* context, const v1::GetQuotaRequest* request,
                                              v1::Quota* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::GetQuota(scope, *tenants_, *request, *response);
                   });
}

AdminService::Reactor* AdminService::ListQuotas(Context* context,
                                                const v1::ListQuotasRequest* request,
                                                v1::ListQuotasResponse* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::ListQuotas(scope, *tenants_, *request, *response);
                   });
}

AdminService::Reactor* AdminService::UpdateQuota(Context* context,
                                                 const v1::UpdateQuotaRequest* request,
                                                 v1::Quota* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::UpdateQuota(scope, *tenants_, *request, *response);
                   });
}

AdminService::Reactor* AdminService::DeleteQuota(Context* context,
                                                 const v1::DeleteQuotaRequest* request,
                                                 google::protobuf::Empty* response) {
  return RunOnPool({pool_, *database_, *gate_, context, request, response},
                   [this, request, response](CallScope& scope) {
                     return server::DeleteQuota(scope, *tenants_, *request, *response);
                   });
}

}  // namespace auscult::server
