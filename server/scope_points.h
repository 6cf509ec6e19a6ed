#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/plant_store.h"
#include "db/postgres.h"

namespace auscult::server {

// A point, with the version of the baseline that is active; 0 while it learns.
struct ScopedPoint {
  std::string name;
  int64_t asset_id = 0, point_id = 0;
  int model_version = 0;
};

// The points of "sites/-" (all), a site, an asset or a point, by name. INVALID_ARGUMENT or
// NOT_FOUND naming `field`; nothing where there are none.
absl::StatusOr<std::vector<ScopedPoint>> PointsOf(db::Connection& connection,
                                                  const std::string& scope,
                                                  const std::string& field);

}  // namespace auscult::server
