#pragma once

#include "absl/status/statusor.h"
#include "auscult/v1/trend_service.pb.h"
#include "db/trend_query.h"
#include "server/call_pool.h"
#include "server/plant_directory.h"

namespace auscult::server {

// start_time (inclusive) to end_time (exclusive) of a request about stored records; what is left
// out does not bound. BAD_TIME, EMPTY_PERIOD.
absl::StatusOr<db::Period> StoredPeriod(const google::protobuf::Timestamp* start,
                                        const google::protobuf::Timestamp* end);
template <typename Request>
absl::StatusOr<db::Period> StoredPeriod(const Request& request) {
  return StoredPeriod(request.has_start_time() ? &request.start_time() : nullptr,
                      request.has_end_time() ? &request.end_time() : nullptr);
}

// TrendService.ListWaveforms, GetWaveform and KeepWaveform.
absl::Status ListWaveforms(CallScope& scope, const DirectoryEntry& point,
                           const v1::ListWaveformsRequest& request,
                           v1::ListWaveformsResponse& response);
absl::Status GetWaveform(CallScope& scope, const DirectoryEntry& point,
                         const v1::GetWaveformRequest& request, v1::GetWaveformResponse& response);
absl::Status KeepWaveform(CallScope& scope, const DirectoryEntry& point,
                          const v1::KeepWaveformRequest& request, v1::StoredWaveform& response);

}  // namespace auscult::server
