#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "auscult/v1/resources.pb.h"
#include "server/plant_rows.h"

namespace auscult::server {

// Machine data as a person may enter it: numbers finite and in range, exactly one description of
// each bearing, every bearing that is named in the catalogue or among `bearings` of `site`.
// INVALID_ARGUMENT names the path below `field` ("asset.machine").
absl::Status CheckMachine(const v1::Machine& machine, std::string_view site,
                          const SiteBearings& bearings, const std::string& field);

// A bearing of a site: a designation and either a geometry or orders.
absl::Status CheckBearing(const v1::Bearing& bearing, const std::string& field);

}  // namespace auscult::server
