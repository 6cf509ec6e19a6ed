#pragma once

#include "absl/status/status.h"
#include "auscult/v1/asset_service.pb.h"
#include "google/protobuf/empty.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// The calls of AssetService about points, as the proto describes them. What is read carries its
// health; what was created or updated carries none.
absl::Status GetPoint(CallScope& scope, const v1::GetPointRequest& request, v1::Point& response);
absl::Status ListPoints(CallScope& scope, const v1::ListPointsRequest& request,
                        v1::ListPointsResponse& response);
absl::Status CreatePoint(CallScope& scope, const v1::CreatePointRequest& request,
                         v1::Point& response);
absl::Status UpdatePoint(CallScope& scope, const v1::UpdatePointRequest& request,
                         v1::Point& response);
absl::Status DeletePoint(CallScope& scope, const v1::DeletePointRequest& request,
                         google::protobuf::Empty& response);

// FAILED_PRECONDITION (CHANNELS_FIXED) if `after` has other channels than `before` although the
// point has records: its vectors would no longer compare.
absl::Status CheckChannelsKept(const v1::Point& before, const v1::Point& after,
                               int64_t record_count, const std::string& field);

}  // namespace auscult::server
