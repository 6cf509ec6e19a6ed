#include "server/plant_snapshot.h"

#include <utility>

#include "db/plant_store.h"

namespace auscult::server {
namespace {

constexpr int kAssetsAtOnce = 1000;

absl::Status LoadAssets(CallScope& scope, const std::string& site, PlantSnapshot& plant) {
  db::AssetCursor after;
  for (;;) {
    if (absl::Status status = scope.still_wanted(); !status.ok()) return status;
    const auto rows = db::ListAssets(scope.connection, site, after, kAssetsAtOnce);
    if (!rows.ok()) return rows.status();
    for (const db::Asset& row : *rows) {
      absl::StatusOr<v1::Asset> asset = MessageOf(row);
      if (!asset.ok()) return asset.status();
      const std::string name = asset->name();
      plant.assets[name] = {.message = *std::move(asset), .revision = row.revision};
    }
    if (rows->size() < kAssetsAtOnce) return absl::OkStatus();
    after = {rows->back().site_slug, rows->back().slug};
  }
}

absl::Status LoadPoints(CallScope& scope, const std::string& site, PlantSnapshot& plant) {
  const auto summaries = db::ListPointSummaries(scope.connection, site, "");
  if (!summaries.ok()) return summaries.status();
  for (const db::PointSummary& summary : *summaries) {
    absl::StatusOr<v1::Point> point = MessageOf(summary.point);
    if (!point.ok()) return point.status();
    const std::string name = point->name();
    plant.points[name] = {.message = *std::move(point),
                          .revision = summary.point.revision,
                          .record_count = summary.record_count};
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PlantSnapshot> LoadPlant(CallScope& scope, const std::string& site) {
  PlantSnapshot plant;
  const absl::StatusOr<db::Site> row = db::GetSite(scope.connection, site);
  if (absl::IsNotFound(row.status())) return plant;
  if (!row.ok()) return row.status();
  plant.site = MessageOf(*row);
  plant.site_revision = row->revision;
  absl::StatusOr<SiteBearings> bearings = LoadSiteBearings(scope.connection, site);
  if (!bearings.ok()) return bearings.status();
  plant.bearings = *std::move(bearings);
  if (absl::Status status = LoadAssets(scope, site, plant); !status.ok()) return status;
  if (absl::Status status = LoadPoints(scope, site, plant); !status.ok()) return status;
  return plant;
}

}  // namespace auscult::server
