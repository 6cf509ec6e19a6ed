#pragma once

#include "absl/status/status.h"
#include "auscult/v1/health_service.pb.h"
#include "server/point_scope.h"

namespace auscult::server {

// HealthService.Diagnose of a record of a known point: a stored one, or a waveform that goes the
// way of one that is ingested, but is not stored. A baseline that is damaged is done without.
absl::Status Diagnose(PointScope& scope, const v1::DiagnoseRequest& request,
                      v1::DiagnoseResponse& response);

// The same of a waveform without a point, by the machine and the channels in the request.
absl::Status DiagnoseUnknownPoint(const db::ActiveClassifier& classifier,
                                  const v1::DiagnoseRequest& request,
                                  v1::DiagnoseResponse& response);

}  // namespace auscult::server
