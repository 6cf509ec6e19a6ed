#pragma once

#include <string>

#include "auscult/v1/admin_service.grpc.pb.h"
#include "db/postgres.h"
#include "server/call_pool.h"

namespace auscult::server {

// What the one who runs the server decides, on a thread of its own.
class AdminService final : public v1::AdminService::CallbackService {
 public:
  // `database` outlives it. `data_dir`: a folder on the disk of the embedded database; "" with an
  // external one.
  AdminService(db::Pool* database, std::string data_dir);

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
  Reactor* GetStorage(Context*, const v1::GetStorageRequest*, v1::Storage*) override;

 private:
  template <typename Request, typename Response>
  Reactor* Run(Context* context, absl::Status (*call)(CallScope&, const Request&, Response&),
               const Request* request, Response* response);

  db::Pool* const database_;
  const std::string data_dir_;
  CallPool pool_;
};

}  // namespace auscult::server
