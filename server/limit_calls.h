#pragma once

#include "absl/status/status.h"
#include "auscult/v1/health_service.pb.h"
#include "server/point_scope.h"

namespace auscult::server {

// The calls of HealthService about limits that people set, as the proto describes them. A limit
// that was set through another replica counts for records within five seconds.
absl::Status GetPointLimits(PointScope& scope, const v1::GetPointLimitsRequest& request,
                            v1::PointLimits& response);
absl::Status SetPointLimits(PointScope& scope, const v1::SetPointLimitsRequest& request,
                            v1::PointLimits& response);

}  // namespace auscult::server
