#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "db/postgres.h"
#include "models/condition.h"

namespace auscult::db {

// A point, or the process readings of an asset, that asks for attention.
struct UrgentSign {
  int64_t asset_id = 0;
  std::string site_slug, asset_slug;
  bool process = false;
  float health = 0;  // NaN: nothing can be said
  int64_t last_measured_at_us = 0;
  int64_t stale_after_s = 0;  // as the point has it; 0: the default
};

// All that stood at `condition` (watch, alert or alarm) when they were last heard of, of a site or
// with "" of all. What it costs depends on how many there are, not on the size of the fleet.
absl::StatusOr<std::vector<UrgentSign>> ListUrgentSigns(Connection& connection,
                                                        const std::string& site,
                                                        models::Condition condition);

}  // namespace auscult::db
