#include "server/asset_calls.h"

#include "db/plant_store.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/etag.h"
#include "server/field_mask.h"
#include "server/fleet_health.h"
#include "server/machine_change.h"
#include "server/machine_view.h"
#include "server/names.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

// Bearings are fetched only where the machine names one of the site's own.
absl::Status CheckWithBearings(CallScope& scope, const v1::Asset& asset, const std::string& site) {
  SiteBearings bearings;
  if (UsesSiteBearings(asset.machine())) {
    absl::StatusOr<SiteBearings> loaded = LoadSiteBearings(scope.connection, site);
    if (!loaded.ok()) return loaded.status();
    bearings = *std::move(loaded);
  }
  return CheckAsset(asset, site, bearings, "asset");
}

absl::Status Show(const db::Asset& row, v1::Asset& response) {
  absl::StatusOr<v1::Asset> asset = MessageOf(row);
  if (!asset.ok()) return asset.status();
  response = *std::move(asset);
  return absl::OkStatus();
}

absl::Status FromAssetStore(const absl::Status& status, const v1::Asset& asset) {
  if (absl::IsInvalidArgument(status) && !HasProblem(status)) {
    return BadField("PARENT_LOOP", "asset.parent_asset",
                    Concat(asset.parent_asset(), " stands below ", asset.name(), " or is the same"),
                    "choose a parent outside");
  }
  // The site and the asset itself were read in the same transaction.
  if (absl::IsNotFound(status) && !HasProblem(status) && !asset.parent_asset().empty()) {
    return UnknownResource(Resource::kAsset, asset.parent_asset(), "asset.parent_asset");
  }
  return FromStore(status, Resource::kAsset, asset.name(), "asset.name");
}

}  // namespace

absl::Status GetAsset(CallScope& scope, const v1::GetAssetRequest& request, v1::Asset& response) {
  const absl::StatusOr<AssetName> name = ParseAssetName(request.name());
  if (!name.ok()) return name.status();
  const absl::StatusOr<db::Asset> row = db::GetAsset(scope.connection, name->site, name->asset);
  if (!row.ok()) return FromStore(row.status(), Resource::kAsset, request.name(), "name");
  if (absl::Status status = Show(*row, response); !status.ok()) return status;
  absl::StatusOr<FleetHealth> health = FleetHealth::Load(scope.connection, name->site, name->asset);
  if (!health.ok()) return health.status();
  *response.mutable_health() = health->Of(row->asset_id);
  return absl::OkStatus();
}

absl::Status CreateAsset(CallScope& scope, const v1::CreateAssetRequest& request,
                         v1::Asset& response) {
  const absl::StatusOr<std::string> site = ParseSiteName(request.parent(), false, "parent");
  if (!site.ok()) return site.status();
  if (absl::Status status = CheckId(request.asset_id(), "asset_id"); !status.ok()) return status;
  v1::Asset asset = request.asset();
  asset.set_name(AssetResource(*site, request.asset_id()));
  return Change(scope.connection, request.validate_only(), [&]() -> absl::Status {
    if (const auto stored = db::GetSite(scope.connection, *site); !stored.ok()) {
      return FromStore(stored.status(), Resource::kSite, request.parent(), "parent");
    }
    if (absl::Status status = CheckWithBearings(scope, asset, *site); !status.ok()) return status;
    const absl::StatusOr<db::Asset> made = db::CreateAsset(scope.connection, RowOf(asset));
    if (absl::IsAlreadyExists(made.status())) {
      return ResourceExists(Resource::kAsset, asset.name(), "asset_id");
    }
    if (!made.ok()) return FromAssetStore(made.status(), asset);
    return Show(*made, response);
  });
}

absl::Status UpdateAsset(CallScope& scope, const v1::UpdateAssetRequest& request,
                         v1::Asset& response) {
  const std::string& sent_name = request.asset().name();
  const absl::StatusOr<AssetName> name = ParseAssetName(sent_name, false, "asset.name");
  if (!name.ok()) return name.status();
  return Change(scope.connection, request.validate_only(), [&]() -> absl::Status {
    const auto stored = db::GetAsset(scope.connection, name->site, name->asset);
    if (!stored.ok()) {
      return FromStore(stored.status(), Resource::kAsset, sent_name, "asset.name");
    }
    v1::Asset asset;
    absl::Status status = Show(*stored, asset);
    const v1::Machine machine_before = asset.machine();
    if (status.ok()) {
      status = CheckEtag(request.asset().etag(), asset.etag(), sent_name, "asset.etag");
    }
    if (status.ok()) status = ApplyUpdate(request.asset(), request.update_mask(), asset);
    if (status.ok()) status = CheckWithBearings(scope, asset, name->site);
    if (!status.ok()) return status;
    const auto updated = db::UpdateAsset(scope.connection, RowOf(asset), stored->revision);
    if (!updated.ok()) return FromAssetStore(updated.status(), asset);
    status =
        MarkMachineChange(scope.connection, updated->asset_id, machine_before, asset.machine());
    return status.ok() ? Show(*updated, response) : status;
  });
}

absl::Status DeleteAsset(CallScope& scope, const v1::DeleteAssetRequest& request,
                         google::protobuf::Empty&) {
  const absl::StatusOr<AssetName> name = ParseAssetName(request.name());
  if (!name.ok()) return name.status();
  return Change(scope.connection, false, [&]() -> absl::Status {
    const auto stored = db::GetAsset(scope.connection, name->site, name->asset);
    if (!stored.ok()) return FromStore(stored.status(), Resource::kAsset, request.name(), "name");
    if (absl::Status status = CheckEtag(
            request.etag(), MakeEtag(stored->asset_id, stored->revision), request.name(), "etag");
        !status.ok()) {
      return status;
    }
    return FromStore(db::DeleteAsset(scope.connection, name->site, name->asset, stored->revision,
                                     request.force()),
                     Resource::kAsset, request.name(), "name");
  });
}

}  // namespace auscult::server
