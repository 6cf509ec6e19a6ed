#pragma once

#include <map>
#include <string>

#include "auscult/v1/resources.pb.h"
#include "features/machine.h"

namespace auscult::cli {

// Bearings that a site defined itself, by resource name.
using SiteBearings = std::map<std::string, v1::Bearing>;

// The machine of an asset as the simulator takes it: bearings looked up, orders at the reference
// shaft. A bearing that is nowhere described is left out.
features::Machine MachineOfMessage(const v1::Machine& machine, const SiteBearings& bearings);

}  // namespace auscult::cli
