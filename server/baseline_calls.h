#pragma once

#include "absl/status/status.h"
#include "auscult/v1/health_service.pb.h"
#include "server/point_scope.h"

namespace auscult::server {

// The calls of HealthService about what a point has learnt, as the proto describes them.
absl::Status ListBaselines(PointScope& scope, const v1::ListBaselinesRequest& request,
                           v1::ListBaselinesResponse& response);
absl::Status Relearn(PointScope& scope, const v1::RelearnRequest& request,
                     v1::RelearnResponse& response);
absl::Status ActivateBaseline(PointScope& scope, const v1::ActivateBaselineRequest& request,
                              v1::Baseline& response);

}  // namespace auscult::server
