#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auscult/v1/health.pb.h"
#include "db/plant_store.h"
#include "db/trend_writer.h"

namespace auscult::server {

// What is stored of a point's health as the API shows it. `now_us` and `stale_after_s` (0 = three
// days) decide whether it is stale; a stale point keeps what was last said of it.
v1::PointHealth PointHealthOf(const db::PointSummary& summary, int64_t stale_after_s,
                              int64_t now_us);

// Whether a point that measured last then is silent for too long.
bool IsStale(int64_t last_measured_at_us, int64_t stale_after_s, int64_t now_us);

// The health in an ack.
v1::PointHealth PointHealthOf(const db::Outcome& outcome);

// Of an asset: that of its worst current point (alarm before alert before watch, then one that
// learns in ISO zone C or D, then normal; equals by index); stale, unscorable and learning points
// are counted beside it. Only where no point is judged, the asset is learning, stopped, unscorable,
// stale or without data itself. The summary is one sentence: what is wrong and why, since when, and
// which points do not speak.
struct NamedPointHealth {
  std::string name;
  v1::PointHealth health;
  std::string display_name = {};
};
v1::AssetHealth AssetHealthOf(const std::vector<NamedPointHealth>& points);

// For sorting the fleet, smaller is worse: alarm, alert, watch; then what is not known (stale,
// unscorable, no data, learning), for that is not normal; then stopped and normal.
int Urgency(v1::Condition condition);

// Stored numbers as the API's enums; UNSPECIFIED for one that this release does not know.
v1::Condition ConditionOf(int condition);
v1::Fault FaultOf(int fault);

// Names of set quality flags.
std::vector<std::string> QualityNames(uint32_t flags);

}  // namespace auscult::server
