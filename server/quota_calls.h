#pragma once

#include "auscult/v1/admin_service.pb.h"
#include "google/protobuf/empty.pb.h"
#include "server/call_pool.h"
#include "server/tenants.h"

namespace auscult::server {

// The calls about quotas, as the proto describes them. `tenants` holds the changed one at once.
absl::Status GetQuota(CallScope& scope, const Tenants& tenants, const v1::GetQuotaRequest& request,
                      v1::Quota& response);
absl::Status ListQuotas(CallScope& scope, const Tenants& tenants,
                        const v1::ListQuotasRequest& request, v1::ListQuotasResponse& response);
absl::Status UpdateQuota(CallScope& scope, Tenants& tenants, const v1::UpdateQuotaRequest& request,
                         v1::Quota& response);
absl::Status DeleteQuota(CallScope& scope, Tenants& tenants, const v1::DeleteQuotaRequest& request,
                         google::protobuf::Empty& response);

// Brings what servers of the same database have changed. What cannot be read stays as it was, and
// the log says so.
void RefreshQuotas(Tenants& tenants, db::Connection& connection);

}  // namespace auscult::server
