#pragma once

#include "auscult/v1/model_service.pb.h"
#include "server/operation_runner.h"
#include "server/plant_directory.h"

namespace auscult::server {

// Checks a request and fills in what it leaves open: `base` becomes the version that is active now.
absl::Status CompleteComparison(db::Connection& connection,
                                v1::CompareModelVersionsRequest& request);

// Does CompareModelVersions: replays the stored records of every point of the scope under both
// versions and counts what differs. It changes nothing stored. `directory` outlives the handler.
OperationRunner::Handler ComparisonHandler(PlantDirectory* directory);

}  // namespace auscult::server
