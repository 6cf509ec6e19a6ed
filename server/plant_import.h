#pragma once

#include "absl/status/status.h"
#include "auscult/v1/asset_service.pb.h"
#include "server/call_pool.h"

namespace auscult::server {

// AssetService.ImportPlant: one transaction, from which everything or nothing comes. Changes are
// listed in the order in which they are made: site, bearings, assets with parents first, points,
// deletions. validate_only makes them all and takes them back, so it refuses what the real call
// would refuse.
absl::Status ImportPlant(CallScope& scope, const v1::ImportPlantRequest& request,
                         v1::ImportPlantResponse& response);

}  // namespace auscult::server
