#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "auscult/v1/resources.pb.h"
#include "db/postgres.h"

namespace auscult::server {

// Marks what a change of an asset's machine touches, in the transaction of the change: what is
// extracted with it (bearings, gears, motor, speed) and what its vibration is allowed to be
// (ISO 20816: power and foundation) of each of its points.
absl::Status MarkMachineChange(db::Connection& connection, int64_t asset_id,
                               const v1::Machine& before, const v1::Machine& after);

}  // namespace auscult::server
