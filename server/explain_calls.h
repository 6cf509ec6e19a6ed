#pragma once

#include "absl/status/status.h"
#include "auscult/v1/health_service.pb.h"
#include "server/point_scope.h"

namespace auscult::server {

// HealthService.Explain: a stored record against the records that the active baseline learnt from,
// read again (at most 200 of them).
absl::Status Explain(PointScope& scope, const v1::ExplainRequest& request,
                     v1::ExplainResponse& response);

}  // namespace auscult::server
