#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auscult/v1/health.pb.h"
#include "db/plant_store.h"
#include "db/trend_writer.h"

namespace auscult::server {

// What is stored of a point's health as the API shows it. `now_us` and `stale_after_s` (0 = three
// days) decide whether it is stale.
v1::PointHealth PointHealthOf(const db::PointSummary& summary, int64_t stale_after_s,
                              int64_t now_us);

// The health in an ack.
v1::PointHealth PointHealthOf(const db::Outcome& outcome);

// Of an asset: that of its worst current point; stale, unscorable and learning points are counted
// beside it.
struct NamedPointHealth {
  std::string name;
  v1::PointHealth health;
  std::string summary;
};
v1::AssetHealth AssetHealthOf(const std::vector<NamedPointHealth>& points);

// Names of set quality flags.
std::vector<std::string> QualityNames(uint32_t flags);

}  // namespace auscult::server
