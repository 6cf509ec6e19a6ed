#pragma once

#include "absl/status/status.h"
#include "auscult/v1/asset_service.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// AssetService.ListAssets: by name, or by health with the worst first. Health comes from one query
// for the whole list. A page by health begins after the last asset shown as it was then: an asset
// whose health changes meanwhile may be shown twice, or not at all.
absl::Status ListAssets(CallScope& scope, const v1::ListAssetsRequest& request,
                        v1::ListAssetsResponse& response);

}  // namespace auscult::server
