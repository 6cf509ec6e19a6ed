#pragma once

#include "absl/status/statusor.h"
#include "auscult/v1/trend_service.pb.h"
#include "db/trend_query.h"
#include "server/call_pool.h"

namespace auscult::server {

// start_time (inclusive) to end_time (exclusive), with their defaults: the 30 days before `now_us`.
// INVALID_ARGUMENT for a malformed time (BAD_TIME) or a period without length (EMPTY_PERIOD).
absl::StatusOr<db::Period> PeriodOf(const v1::QueryTrendRequest& request, int64_t now_us);

// TrendService.QueryTrend.
absl::Status QueryTrend(CallScope& scope, const v1::QueryTrendRequest& request,
                        v1::QueryTrendResponse& response);

}  // namespace auscult::server
