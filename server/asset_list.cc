#include "server/asset_list.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "db/plant_store.h"
#include "server/concat.h"
#include "server/fleet_health.h"
#include "server/health_view.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

constexpr int kAssetsAtOnce = 1000;

// What sorts an asset in a list by health, and with it what a page token holds.
struct HealthKey {
  int urgency = 0;
  float index = 0;
  std::string name;

  bool operator<(const HealthKey& other) const {
    return std::tie(urgency, index, name) < std::tie(other.urgency, other.index, other.name);
  }
};

struct RankedAsset {
  HealthKey key;
  db::Asset row;
};

// An asset without points cannot be ill, and one without an index sorts behind those with one.
HealthKey KeyOf(const v1::AssetHealth& health, const db::Asset& row) {
  constexpr int kNothingToSay = 100;
  constexpr float kNoIndex = 1000;
  return {.urgency = health.point_count() == 0 ? kNothingToSay : Urgency(health.condition()),
          .index = health.has_index() ? health.index() : kNoIndex,
          .name = AssetResource(row.site_slug, row.slug)};
}

std::string TokenAfter(std::string_view scope, const HealthKey& key) {
  return MakePageToken(scope, {Concat(key.urgency), absl::StrFormat("%.9g", key.index), key.name});
}

absl::StatusOr<HealthKey> ParseKey(std::string_view token, std::string_view scope) {
  const auto parts = ParsePageToken(token, scope, 3);
  if (!parts.ok()) return parts.status();
  HealthKey key;
  if (token.empty()) {
    key.urgency = -1;
    return key;
  }
  // The token is sealed, so these parts are as they were written.
  (void)absl::SimpleAtoi((*parts)[0], &key.urgency);
  (void)absl::SimpleAtof((*parts)[1], &key.index);
  key.name = (*parts)[2];
  return key;
}

absl::StatusOr<std::vector<RankedAsset>> RankAll(CallScope& scope, const std::string& site,
                                                 const FleetHealth& fleet) {
  std::vector<RankedAsset> ranked;
  db::AssetCursor after;
  for (;;) {
    if (absl::Status status = scope.still_wanted(); !status.ok()) return status;
    auto rows = db::ListAssets(scope.connection, site, after, kAssetsAtOnce);
    if (!rows.ok()) return rows.status();
    if (!rows->empty()) after = {rows->back().site_slug, rows->back().slug};
    const bool last = rows->size() < kAssetsAtOnce;
    for (db::Asset& row : *rows) {
      HealthKey key = KeyOf(fleet.WithoutEvidence(row.asset_id), row);
      ranked.push_back({std::move(key), std::move(row)});
    }
    if (last) break;
  }
  std::sort(ranked.begin(), ranked.end(),
            [](const RankedAsset& a, const RankedAsset& b) { return a.key < b.key; });
  return ranked;
}

absl::Status Add(const db::Asset& row, const FleetHealth& fleet, v1::ListAssetsResponse& response) {
  absl::StatusOr<v1::Asset> asset = MessageOf(row);
  if (!asset.ok()) return asset.status();
  *asset->mutable_health() = fleet.Of(row.asset_id);
  *response.add_assets() = *std::move(asset);
  return absl::OkStatus();
}

absl::Status ListByName(CallScope& scope, const std::string& site, const FleetHealth& fleet,
                        int page_size, const v1::ListAssetsRequest& request,
                        v1::ListAssetsResponse& response) {
  const std::string token_scope = Concat("ListAssets name ", request.parent());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 2);
  if (!cursor.ok()) return cursor.status();
  const auto rows =
      db::ListAssets(scope.connection, site, {(*cursor)[0], (*cursor)[1]}, page_size + 1);
  if (!rows.ok()) return rows.status();
  const size_t shown = std::min(rows->size(), static_cast<size_t>(page_size));
  for (size_t i = 0; i < shown; ++i) {
    if (absl::Status status = Add((*rows)[i], fleet, response); !status.ok()) return status;
  }
  if (shown < rows->size()) {
    const db::Asset& last = (*rows)[shown - 1];
    response.set_next_page_token(MakePageToken(token_scope, {last.site_slug, last.slug}));
  }
  return absl::OkStatus();
}

absl::Status ListByHealth(CallScope& scope, const std::string& site, const FleetHealth& fleet,
                          int page_size, const v1::ListAssetsRequest& request,
                          v1::ListAssetsResponse& response) {
  const std::string token_scope = Concat("ListAssets health ", request.parent());
  const absl::StatusOr<HealthKey> after = ParseKey(request.page_token(), token_scope);
  if (!after.ok()) return after.status();
  const auto ranked = RankAll(scope, site, fleet);
  if (!ranked.ok()) return ranked.status();
  auto next = std::upper_bound(
      ranked->begin(), ranked->end(), *after,
      [](const HealthKey& key, const RankedAsset& asset) { return key < asset.key; });
  for (; next != ranked->end() && response.assets_size() < page_size; ++next) {
    if (absl::Status status = Add(next->row, fleet, response); !status.ok()) return status;
  }
  if (next != ranked->end()) {
    response.set_next_page_token(TokenAfter(token_scope, std::prev(next)->key));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ListAssets(CallScope& scope, const v1::ListAssetsRequest& request,
                        v1::ListAssetsResponse& response) {
  const absl::StatusOr<std::string> parent = ParseSiteName(request.parent(), true, "parent");
  if (!parent.ok()) return parent.status();
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const bool by_health = request.order_by() == "health";
  if (!by_health && !request.order_by().empty() && request.order_by() != "name") {
    return BadField("UNKNOWN_ORDER", "order_by", Concat("order_by is ", Quoted(request.order_by())),
                    "send \"name\", or \"health\" for the worst first");
  }
  const std::string site = *parent == "-" ? "" : *parent;
  if (!site.empty()) {
    if (const auto stored = db::GetSite(scope.connection, site); !stored.ok()) {
      return FromStore(stored.status(), Resource::kSite, request.parent(), "parent");
    }
  }
  const absl::StatusOr<FleetHealth> fleet = FleetHealth::Load(scope.connection, site, "");
  if (!fleet.ok()) return fleet.status();
  return by_health ? ListByHealth(scope, site, *fleet, *page_size, request, response)
                   : ListByName(scope, site, *fleet, *page_size, request, response);
}

}  // namespace auscult::server
