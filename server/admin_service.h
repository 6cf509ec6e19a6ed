#pragma once

#include <string>

#include "auscult/v1/admin_service.grpc.pb.h"
#include "db/postgres.h"
#include "server/access/key_ring.h"
#include "server/call_pool.h"
#include "server/tenants.h"

namespace auscult::server {

// What the one who runs the server decides, on a thread of its own.
class AdminService final : public v1::AdminService::CallbackService {
 public:
  // `gate`, `keys`, `database` and `tenants` outlive it. `data_dir`: a folder on the disk of the
  // embedded database; "" with an external one.
  AdminService(const Gate* gate, KeyRing* keys, db::Pool* database, std::string data_dir,
               Tenants* tenants);

  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;
  Reactor* GetRetentionPolicy(Context*, const v1::GetRetentionPolicyRequest*,
                              v1::RetentionPolicy*) override;
  Reactor* ListRetentionPolicies(Context*, const v1::ListRetentionPoliciesRequest*,
                                 v1::ListRetentionPoliciesResponse*) override;
  Reactor* UpdateRetentionPolicy(Context*, const v1::UpdateRetentionPolicyRequest*,
                                 v1::RetentionPolicy*) override;
  Reactor* DeleteRetentionPolicy(Context*, const v1::DeleteRetentionPolicyRequest*,
                                 google::protobuf::Empty*) override;
  Reactor* ListAuditEntries(Context*, const v1::ListAuditEntriesRequest*,
                            v1::ListAuditEntriesResponse*) override;
  Reactor* GetStorage(Context*, const v1::GetStorageRequest*, v1::Storage*) override;
  Reactor* GetCaller(Context*, const v1::GetCallerRequest*, v1::Caller*) override;
  Reactor* CreateKey(Context*, const v1::CreateKeyRequest*, v1::CreateKeyResponse*) override;
  Reactor* GetKey(Context*, const v1::GetKeyRequest*, v1::Key*) override;
  Reactor* ListKeys(Context*, const v1::ListKeysRequest*, v1::ListKeysResponse*) override;
  Reactor* RevokeKey(Context*, const v1::RevokeKeyRequest*, v1::Key*) override;
  Reactor* GetQuota(Context*, const v1::GetQuotaRequest*, v1::Quota*) override;
  Reactor* ListQuotas(Context*, const v1::ListQuotasRequest*, v1::ListQuotasResponse*) override;
  Reactor* UpdateQuota(Context*, const v1::UpdateQuotaRequest*, v1::Quota*) override;
  Reactor* DeleteQuota(Context*, const v1::DeleteQuotaRequest*, google::protobuf::Empty*) override;

 private:
  template <typename Request, typename Response>
  Reactor* Run(Context* context, absl::Status (*call)(CallScope&, const Request&, Response&),
               const Request* request, Response* response);

  const Gate* const gate_;
  KeyRing* const keys_;
  db::Pool* const database_;
  const std::string data_dir_;
  Tenants* const tenants_;
  CallPool pool_;
};

}  // namespace auscult::server
