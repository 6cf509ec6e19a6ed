#include "server/fleet_health.h"

#include <chrono>
#include <utility>

#include "db/case_store.h"
#include "server/names.h"
#include "server/plant_rows.h"
#include "server/process_view.h"

namespace auscult::server {

absl::StatusOr<FleetHealth> FleetHealth::Load(db::Connection& connection, const std::string& site,
                                              const std::string& asset) {
  return Join(db::ListPointSummaries(connection, site, asset),
              db::CountOpenCases(connection, site, asset),
              db::ListProcessSummaries(connection, site, asset));
}

absl::StatusOr<FleetHealth> FleetHealth::Load(db::Connection& connection,
                                              std::span<const int64_t> asset_ids) {
  return Join(db::ListPointSummaries(connection, asset_ids),
              db::CountOpenCases(connection, asset_ids),
              db::ListProcessSummaries(connection, asset_ids));
}

absl::StatusOr<FleetHealth> FleetHealth::LoadWithoutEvidence(db::Connection& connection,
                                                             const std::string& site) {
  return Join(db::ListPointSummaries(connection, site, "", false), OpenCases(),
              db::ListProcessSummaries(connection, site, ""));
}

absl::StatusOr<FleetHealth> FleetHealth::Join(absl::StatusOr<std::vector<db::PointSummary>> points,
                                              absl::StatusOr<OpenCases> open_cases,
                                              absl::StatusOr<Processes> processes) {
  if (!points.ok()) return points.status();
  if (!open_cases.ok()) return open_cases.status();
  if (!processes.ok()) return processes.status();
  FleetHealth fleet;
  fleet.open_cases_ = *std::move(open_cases);
  fleet.processes_ = *std::move(processes);
  fleet.now_us_ = NowUs();
  for (db::PointSummary& summary : *points) {
    fleet.points_[summary.point.asset_id].push_back(std::move(summary));
  }
  return fleet;
}

v1::AssetHealth FleetHealth::Of(int64_t asset_id) const { return HealthOf(asset_id, true); }

v1::AssetHealth FleetHealth::WithoutEvidence(int64_t asset_id) const {
  return HealthOf(asset_id, false);
}

v1::AssetHealth FleetHealth::HealthOf(int64_t asset_id, bool with_evidence) const {
  v1::AssetHealth health = AssetHealthOf(View(asset_id, with_evidence));
  if (const auto found = open_cases_.find(asset_id); found != open_cases_.end()) {
    health.set_open_alarm_count(found->second);
  }
  if (const auto found = processes_.find(asset_id); found != processes_.end()) {
    AddProcess(ProcessHealthOf(found->second, now_us_), health);
  }
  return health;
}

std::vector<NamedPointHealth> FleetHealth::PointsOf(int64_t asset_id) const {
  return View(asset_id, true);
}

std::vector<NamedPointHealth> FleetHealth::View(int64_t asset_id, bool with_evidence) const {
  std::vector<NamedPointHealth> points;
  const auto found = points_.find(asset_id);
  if (found == points_.end()) return points;
  for (const db::PointSummary& stored : found->second) {
    db::PointSummary summary = stored;
    if (!with_evidence) summary.detail.clear();
    const db::Point& point = summary.point;
    NamedPointHealth& named = points.emplace_back();
    named.name = PointResource(point.site_slug, point.asset_slug, point.slug);
    named.health = PointHealthOf(summary, StaleAfterSeconds(point.definition), now_us_);
    if (with_evidence) named.display_name = DisplayName(point.definition);
  }
  return points;
}

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace auscult::server
