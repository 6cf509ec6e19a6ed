#pragma once

#include "absl/status/status.h"
#include "auscult/v1/health_service.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// HealthService.GetAssetHealth.
absl::Status GetAssetHealth(CallScope& scope, const v1::GetAssetHealthRequest& request,
                            v1::AssetHealthReport& response);

// HealthService.ListAssetHealth: the ranking of AssetService.ListAssets by health.
absl::Status ListAssetHealth(CallScope& scope, const v1::ListAssetHealthRequest& request,
                             v1::ListAssetHealthResponse& response);

}  // namespace auscult::server
