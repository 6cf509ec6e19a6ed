#pragma once

#include "absl/status/status.h"
#include "auscult/v1/asset_service.pb.h"
#include "google/protobuf/empty.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// The calls of AssetService about bearings, as the proto describes them.
absl::Status ListBearings(CallScope& scope, const v1::ListBearingsRequest& request,
                          v1::ListBearingsResponse& response);
absl::Status CreateBearing(CallScope& scope, const v1::CreateBearingRequest& request,
                           v1::Bearing& response);
absl::Status DeleteBearing(CallScope& scope, const v1::DeleteBearingRequest& request,
                           google::protobuf::Empty& response);

// A bearing as it is stored: where the geometry is given, the orders follow from it.
v1::Bearing WithOrders(v1::Bearing bearing);

}  // namespace auscult::server
