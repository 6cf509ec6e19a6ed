#pragma once

#include "absl/status/status.h"
#include "auscult/v1/ingest_service.pb.h"
#include "db/partitions.h"
#include "server/call_pool.h"

namespace auscult::server {

// IngestReadings, all or none: UNKNOWN_ASSET, TOO_MANY_READINGS, BAD_QUANTITY, NOT_FINITE, what
// CheckMeasuredAt refuses, OTHER_CONTENT for another value under the same key.
absl::Status StoreReadings(CallScope& scope, db::PartitionCache& partitions,
                           const v1::IngestReadingsRequest& request,
                           v1::IngestReadingsResponse* response);

}  // namespace auscult::server
