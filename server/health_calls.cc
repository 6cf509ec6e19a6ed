#include "server/health_calls.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "db/plant_store.h"
#include "server/advice_view.h"
#include "server/concat.h"
#include "server/fleet_health.h"
#include "server/fleet_ranking.h"
#include "server/health_view.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

absl::StatusOr<std::vector<v1::Condition>> ConditionsOf(const v1::ListAssetHealthRequest& request) {
  std::vector<v1::Condition> conditions;
  for (int i = 0; i < request.conditions_size(); ++i) {
    const v1::Condition condition = request.conditions(i);
    if (condition == v1::CONDITION_UNSPECIFIED || !v1::Condition_IsValid(condition)) {
      return BadField("UNKNOWN_CONDITION", Concat("conditions[", i, "]"),
                      Concat("condition ", static_cast<int>(condition), " is not known"),
                      "send CONDITION_ALARM, CONDITION_ALERT, ..., or none for all of them");
    }
    conditions.push_back(condition);
  }
  std::sort(conditions.begin(), conditions.end());
  return conditions;
}

// A token goes on with the list that it was made by.
std::string TokenScope(const v1::ListAssetHealthRequest& request,
                       const std::vector<v1::Condition>& conditions) {
  std::string scope = Concat("ListAssetHealth ", request.parent());
  for (const v1::Condition condition : conditions)
    scope += Concat(" ", static_cast<int>(condition));
  return scope;
}

void Show(const db::Asset& row, v1::AssetHealth health, v1::AssetHealthReport& report) {
  report.set_name(AssetResource(row.site_slug, row.slug));
  report.set_display_name(row.display_name);
  *report.mutable_health() = std::move(health);
}

}  // namespace

absl::Status GetAssetHealth(CallScope& scope, const v1::GetAssetHealthRequest& request,
                            v1::AssetHealthReport& response) {
  const absl::StatusOr<AssetName> name = ParseAssetName(request.name());
  if (!name.ok()) return name.status();
  const auto language = LanguageOf(request.language_code());
  if (!language.ok()) return language.status();
  const auto row = db::GetAsset(scope.connection, name->site, name->asset);
  if (!row.ok()) return FromStore(row.status(), Resource::kAsset, request.name(), "name");
  const auto fleet = FleetHealth::Load(scope.connection, name->site, name->asset);
  if (!fleet.ok()) return fleet.status();
  Show(*row, fleet->Of(row->asset_id), response);
  const v1::AssetHealth& health = response.health();
  if (auto advice = AdviceOn(health.verdict(), health.condition(), *language)) {
    *response.mutable_advice() = *std::move(advice);
  }
  for (NamedPointHealth& point : fleet->PointsOf(row->asset_id)) {
    v1::NamedPointHealth& shown = *response.add_points();
    shown.set_name(std::move(point.name));
    shown.set_display_name(std::move(point.display_name));
    *shown.mutable_health() = std::move(point.health);
  }
  return absl::OkStatus();
}

absl::Status ListAssetHealth(CallScope& scope, const v1::ListAssetHealthRequest& request,
                             v1::ListAssetHealthResponse& response) {
  const absl::StatusOr<std::string> parent = ParseSiteName(request.parent(), true, "parent");
  if (!parent.ok()) return parent.status();
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const auto conditions = ConditionsOf(request);
  if (!conditions.ok()) return conditions.status();
  const std::string site = *parent == "-" ? "" : *parent;
  if (!site.empty()) {
    if (const auto stored = db::GetSite(scope.connection, site); !stored.ok()) {
      return FromStore(stored.status(), Resource::kSite, request.parent(), "parent");
    }
  }
  const auto page = WorstAssets(scope, {.site = site,
                                        .conditions = *conditions,
                                        .page_token = request.page_token(),
                                        .token_scope = TokenScope(request, *conditions),
                                        .page_size = *page_size});
  if (!page.ok()) return page.status();
  for (const db::Asset& row : page->assets) {
    Show(row, page->health.Of(row.asset_id), *response.add_assets());
  }
  response.set_next_page_token(page->next_page_token);
  return absl::OkStatus();
}

}  // namespace auscult::server
