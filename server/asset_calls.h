#pragma once

#include "absl/status/status.h"
#include "auscult/v1/asset_service.pb.h"
#include "google/protobuf/empty.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// The calls of AssetService about assets, as the proto describes them. What is read carries the
// health of its points; what was created or updated carries none.
absl::Status GetAsset(CallScope& scope, const v1::GetAssetRequest& request, v1::Asset& response);
absl::Status CreateAsset(CallScope& scope, const v1::CreateAssetRequest& request,
                         v1::Asset& response);
absl::Status UpdateAsset(CallScope& scope, const v1::UpdateAssetRequest& request,
                         v1::Asset& response);
absl::Status DeleteAsset(CallScope& scope, const v1::DeleteAssetRequest& request,
                         google::protobuf::Empty& response);

}  // namespace auscult::server
