#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/asset_service.pb.h"
#include "cli/simulated_source.h"

namespace auscult::cli {

// What is simulated of a plant: its acceleration and current points with their machines, each asset
// with a character of its own drawn from `options.seed` and its name.
absl::StatusOr<std::vector<SimulatedPoint>> SimulatedPlant(const v1::ListAssetsResponse& assets,
                                                           const v1::ListPointsResponse& points,
                                                           const SiteBearings& bearings,
                                                           const SimulationOptions& options);

}  // namespace auscult::cli
