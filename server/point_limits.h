#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/health_service.pb.h"
#include "models/point_model.h"
#include "server/plant_directory.h"

namespace auscult::server {

// Limits that a person may set for a point: every feature and channel known, no feature twice,
// finite, alert at most alarm, at least one of both. INVALID_ARGUMENT names the path below `field`
// ("limits"): UNKNOWN_FEATURE lists the closest names.
absl::Status CheckLimits(const v1::PointLimits& limits,
                         const std::vector<DirectoryEntry::Channel>& channels,
                         const std::string& field);

// The same as scoring takes them, by position in the newest feature set. A limit of a feature that
// this release does not know is left out.
std::vector<models::UserLimit> UserLimitsOf(const v1::PointLimits& limits,
                                            const std::vector<DirectoryEntry::Channel>& channels);

}  // namespace auscult::server
