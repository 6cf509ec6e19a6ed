#include "server/machine_change.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "db/limit_store.h"
#include "db/stale_store.h"
#include "server/limit_judgement.h"
#include "server/message_diff.h"
#include "server/plant_rows.h"

namespace auscult::server {
namespace {

// What features are extracted with.
v1::Machine WithoutZones(v1::Machine machine) {
  machine.clear_rated_power_kw();
  machine.clear_foundation();
  return machine;
}

v1::Machine ZonesAlone(const v1::Machine& machine) {
  v1::Machine zones;
  if (machine.has_rated_power_kw()) zones.set_rated_power_kw(machine.rated_power_kw());
  zones.set_foundation(machine.foundation());
  return zones;
}

std::string Words(const v1::Machine& before, const v1::Machine& after) {
  return absl::StrJoin(Differences(before, after), ", ");
}

}  // namespace

absl::Status MarkMachineChange(db::Connection& connection, int64_t asset_id,
                               const v1::Machine& before, const v1::Machine& after) {
  const std::string was = StoredJson(WithoutZones(before)), is = StoredJson(WithoutZones(after));
  const bool other_zones = StoredJson(ZonesAlone(before)) != StoredJson(ZonesAlone(after));
  if (was == is && !other_zones) return absl::OkStatus();
  const auto points = db::PointsOfAsset(connection, asset_id);
  if (!points.ok()) return points.status();
  std::vector<db::StaleChange> extracted, allowed;
  for (const db::PointKey& point : *points) {
    extracted.push_back({.point = point, .before = was, .now = is});
    const auto limits = db::GetLimits(connection, point);
    if (!limits.ok()) return limits.status();
    allowed.push_back({.point = point,
                       .before = LimitJudgement(limits->limits, before),
                       .now = LimitJudgement(limits->limits, after)});
  }
  absl::Status status = db::MarkStale(connection, db::StaleReason::kMachine, extracted,
                                      Words(WithoutZones(before), WithoutZones(after)));
  if (!status.ok()) return status;
  return db::MarkStale(connection, db::StaleReason::kLimits, allowed,
                       Words(ZonesAlone(before), ZonesAlone(after)));
}

}  // namespace auscult::server
