#include "server/asset_list.h"

#include <algorithm>

#include "db/plant_store.h"
#include "server/concat.h"
#include "server/fleet_health.h"
#include "server/fleet_ranking.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

absl::Status Add(const db::Asset& row, const FleetHealth& fleet, v1::ListAssetsResponse& response) {
  absl::StatusOr<v1::Asset> asset = MessageOf(row);
  if (!asset.ok()) return asset.status();
  *asset->mutable_health() = fleet.Of(row.asset_id);
  *response.add_assets() = *std::move(asset);
  return absl::OkStatus();
}

absl::Status ListByName(CallScope& scope, const std::string& site, int page_size,
                        const v1::ListAssetsRequest& request, v1::ListAssetsResponse& response) {
  const std::string token_scope = Concat("ListAssets name ", request.parent());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 2);
  if (!cursor.ok()) return cursor.status();
  const auto rows =
      db::ListAssets(scope.connection, site, {(*cursor)[0], (*cursor)[1]}, page_size + 1);
  if (!rows.ok()) return rows.status();
  const size_t shown = std::min(rows->size(), static_cast<size_t>(page_size));
  std::vector<int64_t> ids;
  for (size_t i = 0; i < shown; ++i) ids.push_back((*rows)[i].asset_id);
  const auto fleet = FleetHealth::Load(scope.connection, ids);
  if (!fleet.ok()) return fleet.status();
  for (size_t i = 0; i < shown; ++i) {
    if (absl::Status status = Add((*rows)[i], *fleet, response); !status.ok()) return status;
  }
  if (shown < rows->size()) {
    const db::Asset& last = (*rows)[shown - 1];
    response.set_next_page_token(MakePageToken(token_scope, {last.site_slug, last.slug}));
  }
  return absl::OkStatus();
}

absl::Status ListByHealth(CallScope& scope, const std::string& site, int page_size,
                          const v1::ListAssetsRequest& request, v1::ListAssetsResponse& response) {
  const auto page =
      WorstAssets(scope, {.site = site,
                          .conditions = {},
                          .page_token = request.page_token(),
                          .token_scope = Concat("ListAssets health ", request.parent()),
                          .page_size = page_size});
  if (!page.ok()) return page.status();
  for (const db::Asset& row : page->assets) {
    if (absl::Status status = Add(row, page->health, response); !status.ok()) return status;
  }
  response.set_next_page_token(page->next_page_token);
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
  return by_health ? ListByHealth(scope, site, *page_size, request, response)
                   : ListByName(scope, site, *page_size, request, response);
}

}  // namespace auscult::server
