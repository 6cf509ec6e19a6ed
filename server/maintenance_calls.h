#pragma once

#include "absl/status/status.h"
#include "auscult/v1/health_service.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// HealthService.RecordMaintenance. Unless told otherwise its points learn anew in the same
// transaction, from what is measured after performed_at.
absl::Status RecordMaintenance(CallScope& scope, const v1::RecordMaintenanceRequest& request,
                               v1::Maintenance& response);

absl::Status ListMaintenance(CallScope& scope, const v1::ListMaintenanceRequest& request,
                             v1::ListMaintenanceResponse& response);

}  // namespace auscult::server
