#pragma once

#include <memory>

#include "absl/status/status.h"
#include "auscult/v1/trend_service.pb.h"
#include "db/trend_query.h"
#include "server/call_pool.h"
#include "server/plant_directory.h"

namespace auscult::server {

// start_time (inclusive) to end_time (exclusive), with their defaults: the 30 days before `now_us`.
// INVALID_ARGUMENT for a malformed time (BAD_TIME) or a period without length (EMPTY_PERIOD).
absl::StatusOr<db::Period> PeriodOf(const v1::QueryTrendRequest& request, int64_t now_us);

// True if the name is that of a point, by its form; otherwise it is taken for an asset's.
bool IsPointName(std::string_view name);

// TrendService.QueryTrend. `point` is the point that the request names; nullptr for an asset.
absl::Status QueryTrend(CallScope& scope, const v1::QueryTrendRequest& request,
                        const DirectoryEntry* point, v1::QueryTrendResponse& response);

}  // namespace auscult::server
