#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/resources.pb.h"
#include "features/bearing_catalogue.h"
#include "features/machine.h"
#include "server/plant_rows.h"

namespace auscult::server {

// Machine data as the features need it: bearings looked up in the catalogue or among `bearings` (of
// the site), geometries turned into orders, the speed of a bearing's shaft folded into its orders.
// What is absent stays unknown. A bearing that cannot be found is left out: an asset is checked
// when it is written, so that only happens when the catalogue of another release had it.
features::Machine MachineOf(const v1::Machine& machine, const SiteBearings& bearings);

// An entry of the built-in catalogue as the API shows it.
v1::Bearing MessageOf(const features::CatalogueBearing& bearing);

v1::BearingOrders OrdersMessage(const v1::BearingGeometry& geometry);

// True if the machine names a bearing of this site's own.
bool UsesSiteBearings(const v1::Machine& machine);

}  // namespace auscult::server
