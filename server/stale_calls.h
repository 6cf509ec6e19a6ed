#pragma once

#include "absl/status/status.h"
#include "auscult/v1/rescore_service.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// Results that a later change has touched: first those of the feature set, then the marks.
absl::Status ListStaleResults(CallScope& scope, const v1::ListStaleResultsRequest& request,
                              v1::ListStaleResultsResponse& response);

}  // namespace auscult::server
