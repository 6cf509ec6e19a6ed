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
  float health = 0;  // NaN: nothing can be said
  int64_t last_measured_at_us = 0;
  int64_t stale_after_s = 0;   // as the point has it; 0: the default
  bool beside_points = false;  // of process readings: a point of the asset is in the same condition
};

// What stood at a condition when it was last heard of.
struct UrgentSigns {
  std::vector<UrgentSign> points;     // the lowest health first, those without health last
  bool all_points = true;             // there are no more than these
  std::vector<UrgentSign> processes;  // all of them
};

// Of a site, or with "" of all: those at `condition` (watch, alert or alarm), at most `limit`
// points. What it costs depends on how many there are, hardly on the size of the fleet.
absl::StatusOr<UrgentSigns> ListUrgentSigns(Connection& connection, const std::string& site,
                                            models::Condition condition, int limit);

}  // namespace auscult::db
