#include "server/scope_points.h"

#include <algorithm>

#include "server/names.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

// The ids of a scope; "" where it spans all.
struct Scope {
  std::string site, asset, point;
};

absl::StatusOr<Scope> ParseScope(const std::string& scope, const std::string& field) {
  const auto slashes = std::count(scope.begin(), scope.end(), '/');
  if (slashes >= 5) {
    const absl::StatusOr<PointName> name = ParsePointName(scope, field);
    if (!name.ok()) return name.status();
    return Scope{.site = name->site, .asset = name->asset, .point = name->point};
  }
  if (slashes >= 3) {
    const absl::StatusOr<AssetName> name = ParseAssetName(scope, false, field);
    if (!name.ok()) return name.status();
    return Scope{.site = name->site, .asset = name->asset, .point = ""};
  }
  absl::StatusOr<std::string> site = ParseSiteName(scope, true, field);
  if (!site.ok()) return site.status();
  return Scope{.site = *site == "-" ? "" : *std::move(site), .asset = "", .point = ""};
}

// That what the scope names is there.
absl::Status CheckExists(db::Connection& connection, const Scope& scope, const std::string& name,
                         const std::string& field) {
  if (scope.site.empty()) return absl::OkStatus();
  if (scope.asset.empty()) {
    return FromStore(db::GetSite(connection, scope.site).status(), Resource::kSite, name, field);
  }
  if (scope.point.empty()) {
    return FromStore(db::GetAsset(connection, scope.site, scope.asset).status(), Resource::kAsset,
                     name, field);
  }
  return FromStore(db::GetPoint(connection, scope.site, scope.asset, scope.point).status(),
                   Resource::kPoint, name, field);
}

}  // namespace

absl::StatusOr<std::vector<ScopedPoint>> PointsOf(db::Connection& connection,
                                                  const std::string& scope,
                                                  const std::string& field) {
  const absl::StatusOr<Scope> parsed = ParseScope(scope, field);
  if (!parsed.ok()) return parsed.status();
  if (absl::Status status = CheckExists(connection, *parsed, scope, field); !status.ok()) {
    return status;
  }
  const auto summaries = db::ListPointSummaries(connection, parsed->site, parsed->asset);
  if (!summaries.ok()) return summaries.status();
  std::vector<ScopedPoint> points;
  for (const db::PointSummary& summary : *summaries) {
    const db::Point& point = summary.point;
    if (!parsed->point.empty() && point.slug != parsed->point) continue;
    points.push_back({.name = PointResource(point.site_slug, point.asset_slug, point.slug),
                      .asset_id = point.asset_id,
                      .point_id = point.point_id,
                      .model_version = summary.model_version});
  }
  return points;
}

}  // namespace auscult::server
