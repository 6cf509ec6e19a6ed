#include "server/bearing_calls.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "db/plant_store.h"
#include "features/bearing_catalogue.h"
#include "server/concat.h"
#include "server/machine_check.h"
#include "server/machine_view.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

constexpr int kAssetsAtOnce = 1000;

bool Mentions(const v1::Bearing& bearing, const std::string& lower_query) {
  const std::string text = absl::AsciiStrToLower(
      Concat(bearing.name(), " ", bearing.designation(), " ", bearing.manufacturer()));
  return text.find(lower_query) != std::string::npos;
}

// Sorted by id.
absl::StatusOr<std::vector<v1::Bearing>> Load(CallScope& scope, const std::string& parent) {
  std::vector<v1::Bearing> bearings;
  if (parent.empty()) {
    for (const features::CatalogueBearing& entry : features::BearingCatalogue()) {
      bearings.push_back(MessageOf(entry));
    }
    return bearings;
  }
  const absl::StatusOr<std::string> site = ParseSiteName(parent, false, "parent");
  if (!site.ok()) return site.status();
  if (const auto stored = db::GetSite(scope.connection, *site); !stored.ok()) {
    return FromStore(stored.status(), Resource::kSite, parent, "parent");
  }
  absl::StatusOr<SiteBearings> own = LoadSiteBearings(scope.connection, *site);
  if (!own.ok()) return own.status();
  for (auto& [id, bearing] : *own) bearings.push_back(std::move(bearing));
  return bearings;
}

// Names of assets of the site whose machine has the bearing.
absl::StatusOr<std::string> FirstUser(CallScope& scope, const std::string& site,
                                      const std::string& bearing) {
  db::AssetCursor after;
  for (;;) {
    const auto rows = db::ListAssets(scope.connection, site, after, kAssetsAtOnce);
    if (!rows.ok()) return rows.status();
    for (const db::Asset& row : *rows) {
      const absl::StatusOr<v1::Asset> asset = MessageOf(row);
      if (!asset.ok()) return asset.status();
      for (const v1::MountedBearing& mounted : asset->machine().bearings()) {
        if (mounted.bearing() == bearing) return asset->name();
      }
    }
    if (rows->size() < kAssetsAtOnce) return std::string();
    after = {rows->back().site_slug, rows->back().slug};
  }
}

}  // namespace

v1::Bearing WithOrders(v1::Bearing bearing) {
  if (bearing.has_geometry()) *bearing.mutable_orders() = OrdersMessage(bearing.geometry());
  return bearing;
}

absl::Status ListBearings(CallScope& scope, const v1::ListBearingsRequest& request,
                          v1::ListBearingsResponse& response) {
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  if (absl::Status status = CheckText(request.query(), "query"); !status.ok()) return status;
  const std::string token_scope = Concat("ListBearings ", request.parent(), "?", request.query());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 1);
  if (!cursor.ok()) return cursor.status();
  absl::StatusOr<std::vector<v1::Bearing>> bearings = Load(scope, request.parent());
  if (!bearings.ok()) return bearings.status();
  const std::string query = absl::AsciiStrToLower(request.query());
  for (v1::Bearing& bearing : *bearings) {
    if (bearing.name() <= cursor->front() || !Mentions(bearing, query)) continue;
    if (response.bearings_size() == *page_size) {
      response.set_next_page_token(
          MakePageToken(token_scope, {response.bearings(*page_size - 1).name()}));
      break;
    }
    *response.add_bearings() = std::move(bearing);
  }
  return absl::OkStatus();
}

absl::Status CreateBearing(CallScope& scope, const v1::CreateBearingRequest& request,
                           v1::Bearing& response) {
  const absl::StatusOr<std::string> site = ParseSiteName(request.parent(), false, "parent");
  if (!site.ok()) return site.status();
  absl::Status status = CheckId(request.bearing_id(), "bearing_id");
  if (status.ok()) status = CheckBearing(request.bearing(), "bearing");
  if (!status.ok()) return status;
  v1::Bearing bearing = WithOrders(request.bearing());
  bearing.set_name(BearingResource(*site, request.bearing_id()));
  status = Change(scope.connection, false, [&]() -> absl::Status {
    if (const auto stored = db::GetSite(scope.connection, *site); !stored.ok()) {
      return FromStore(stored.status(), Resource::kSite, request.parent(), "parent");
    }
    return FromStore(db::CreateBearing(scope.connection, RowOf(bearing)), Resource::kBearing,
                     bearing.name(), "bearing_id");
  });
  if (status.ok()) response = std::move(bearing);
  return status;
}

absl::Status DeleteBearing(CallScope& scope, const v1::DeleteBearingRequest& request,
                           google::protobuf::Empty&) {
  const absl::StatusOr<BearingName> name = ParseBearingName(request.name());
  if (!name.ok()) return name.status();
  if (name->site.empty()) {
    return BadField("CATALOGUE_BEARING", "name",
                    Concat(request.name(), " belongs to the built-in catalogue"),
                    "only a site's own bearings (sites/{site}/bearings/{bearing}) can be deleted");
  }
  return Change(scope.connection, false, [&]() -> absl::Status {
    const auto user = FirstUser(scope, name->site, request.name());
    if (!user.ok()) return user.status();
    if (!user->empty()) {
      return ResourceInUse(Resource::kBearing, Concat(request.name(), " is mounted in ", *user),
                           "give that machine another bearing first");
    }
    return FromStore(db::DeleteBearing(scope.connection, name->site, name->bearing),
                     Resource::kBearing, request.name(), "name");
  });
}

}  // namespace auscult::server
