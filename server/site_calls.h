#pragma once

#include "absl/status/status.h"
#include "auscult/v1/asset_service.pb.h"
#include "google/protobuf/empty.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// The calls of AssetService about sites, as the proto describes them. Every refusal carries a
// reason, a remedy and the field to blame.
absl::Status GetSite(CallScope& scope, const v1::GetSiteRequest& request, v1::Site& response);
absl::Status ListSites(CallScope& scope, const v1::ListSitesRequest& request,
                       v1::ListSitesResponse& response);
absl::Status CreateSite(CallScope& scope, const v1::CreateSiteRequest& request, v1::Site& response);
absl::Status UpdateSite(CallScope& scope, const v1::UpdateSiteRequest& request, v1::Site& response);
absl::Status DeleteSite(CallScope& scope, const v1::DeleteSiteRequest& request,
                        google::protobuf::Empty& response);

}  // namespace auscult::server
