#include "server/plant_import.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "db/plant_store.h"
#include "server/concat.h"
#include "server/etag.h"
#include "server/machine_change.h"
#include "server/message_diff.h"
#include "server/names.h"
#include "server/plant_description.h"
#include "server/plant_rows.h"
#include "server/plant_snapshot.h"
#include "server/point_calls.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

// A row that somebody else made or deleted since the snapshot: ABORTED has all of it read again.
absl::Status Raced(const absl::Status& status) {
  const bool raced = absl::IsAlreadyExists(status) || absl::IsNotFound(status);
  return raced && !HasProblem(status) ? absl::AbortedError(status.message()) : status;
}

class Import {
 public:
  Import(CallScope& scope, const PlantSnapshot& stored, const PlantDescription& wanted,
         v1::ImportPlantResponse& response)
      : scope_(scope), stored_(stored), wanted_(wanted), response_(response) {}

  absl::Status Put() {
    for (const auto step :
         {&Import::PutSite, &Import::PutBearings, &Import::PutAssets, &Import::PutPoints}) {
      if (absl::Status status = (this->*step)(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Prune() {
    for (const auto step : {&Import::PrunePoints, &Import::PruneAssets, &Import::PruneBearings}) {
      if (absl::Status status = (this->*step)(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  void Note(v1::PlantChange::Action action, const std::string& name,
            const std::vector<std::string>& differences = {}) {
    v1::PlantChange& change = *response_.add_changes();
    change.set_action(action);
    change.set_name(name);
    change.mutable_differences()->Assign(differences.begin(), differences.end());
  }

  // Notes an update; false if there is nothing to do.
  bool NoteDifferences(const google::protobuf::Message& before,
                       const google::protobuf::Message& after, const std::string& name) {
    const std::vector<std::string> differences = Differences(before, after);
    if (differences.empty()) {
      response_.set_unchanged_count(response_.unchanged_count() + 1);
      return false;
    }
    Note(v1::PlantChange::ACTION_UPDATE, name, differences);
    return true;
  }

  absl::Status PutSite() {
    const v1::Site& site = wanted_.site;
    if (!stored_.site) {
      Note(v1::PlantChange::ACTION_CREATE, site.name());
      return Raced(db::CreateSite(scope_.connection, RowOf(site)).status());
    }
    if (absl::Status status =
            CheckEtag(site.etag(), stored_.site->etag(), site.name(), "plant.site.etag");
        !status.ok()) {
      return status;
    }
    if (!NoteDifferences(*stored_.site, site, site.name())) return absl::OkStatus();
    return Raced(db::UpdateSite(scope_.connection, RowOf(site), stored_.site_revision).status());
  }

  absl::Status PutBearings() {
    for (const auto& [id, bearing] : wanted_.bearings) {
      const auto before = stored_.bearings.find(id);
      if (before == stored_.bearings.end()) {
        Note(v1::PlantChange::ACTION_CREATE, bearing.name());
      } else if (!NoteDifferences(before->second, bearing, bearing.name())) {
        continue;
      }
      const absl::Status status = db::PutBearing(scope_.connection, RowOf(bearing));
      if (!status.ok()) return Raced(status);
    }
    return absl::OkStatus();
  }

  absl::Status PutAssets() {
    for (const v1::Asset& asset : wanted_.assets) {
      absl::Status status = scope_.still_wanted();
      if (status.ok()) status = PutAsset(asset);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status PutAsset(const v1::Asset& asset) {
    const auto before = stored_.assets.find(asset.name());
    if (before == stored_.assets.end()) {
      Note(v1::PlantChange::ACTION_CREATE, asset.name());
      return Raced(db::CreateAsset(scope_.connection, RowOf(asset)).status());
    }
    const v1::Asset& stored = before->second.message;
    if (absl::Status status = CheckEtag(asset.etag(), stored.etag(), asset.name(),
                                        wanted_.field_of.at(asset.name()) + ".etag");
        !status.ok()) {
      return status;
    }
    if (!NoteDifferences(stored, asset, asset.name())) return absl::OkStatus();
    // Loops were refused on the description; whatever is missing now was there in the snapshot.
    const auto updated = db::UpdateAsset(scope_.connection, RowOf(asset), before->second.revision);
    if (!updated.ok()) return Raced(updated.status());
    return MarkMachineChange(scope_.connection, updated->asset_id, stored.machine(),
                             asset.machine());
  }

  absl::Status PutPoints() {
    for (const v1::Point& point : wanted_.points) {
      absl::Status status = scope_.still_wanted();
      if (status.ok()) status = PutPoint(point);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status PutPoint(const v1::Point& point) {
    const auto before = stored_.points.find(point.name());
    if (before == stored_.points.end()) {
      Note(v1::PlantChange::ACTION_CREATE, point.name());
      return Raced(db::CreatePoint(scope_.connection, RowOf(point)).status());
    }
    const v1::Point& stored = before->second.message;
    const std::string& field = wanted_.field_of.at(point.name());
    absl::Status status = CheckEtag(point.etag(), stored.etag(), point.name(), field + ".etag");
    if (status.ok()) {
      status = CheckChannelsKept(stored, point, before->second.record_count, field);
    }
    if (!status.ok()) return status;
    if (!NoteDifferences(stored, point, point.name())) return absl::OkStatus();
    return Raced(
        db::UpdatePoint(scope_.connection, RowOf(point), before->second.revision).status());
  }

  absl::Status PrunePoints() {
    std::set<std::string> kept;
    for (const v1::Point& point : wanted_.points) kept.insert(point.name());
    for (const auto& [name, stored] : stored_.points) {
      if (kept.contains(name)) continue;
      const PointName parts = ParsePointName(name).value();
      Note(v1::PlantChange::ACTION_DELETE, name);
      const absl::Status status = db::DeletePoint(scope_.connection, parts.site, parts.asset,
                                                  parts.point, stored.revision, false);
      if (absl::IsFailedPrecondition(status)) {
        return ResourceInUse(Resource::kPoint, Concat(name, " is not listed, but has records"),
                             "list it, or delete it and its records by DeletePoint with force");
      }
      if (!status.ok()) return Raced(status);
    }
    return absl::OkStatus();
  }

  size_t DepthOf(const std::string& asset) const {
    size_t depth = 0;
    for (auto at = stored_.assets.find(asset); at != stored_.assets.end();
         at = stored_.assets.find(at->second.message.parent_asset())) {
      ++depth;
    }
    return depth;
  }

  // Children first. What is kept has moved below what is kept by now.
  absl::Status PruneAssets() {
    std::set<std::string> kept;
    for (const v1::Asset& asset : wanted_.assets) kept.insert(asset.name());
    std::vector<std::pair<size_t, std::string>> doomed;
    for (const auto& [name, stored] : stored_.assets) {
      if (!kept.contains(name)) doomed.emplace_back(DepthOf(name), name);
    }
    std::sort(doomed.rbegin(), doomed.rend());
    for (const auto& [depth, name] : doomed) {
      const AssetName parts = ParseAssetName(name).value();
      Note(v1::PlantChange::ACTION_DELETE, name);
      const absl::Status status = db::DeleteAsset(scope_.connection, parts.site, parts.asset,
                                                  stored_.assets.at(name).revision, false);
      if (absl::IsFailedPrecondition(status)) {
        return ResourceInUse(Resource::kAsset, Concat(name, " is not listed, but has readings"),
                             "list it, or delete it and its readings by DeleteAsset with force");
      }
      if (!status.ok()) return Raced(status);
    }
    return absl::OkStatus();
  }

  absl::Status PruneBearings() {
    for (const auto& [id, bearing] : stored_.bearings) {
      if (wanted_.bearings.contains(id)) continue;
      Note(v1::PlantChange::ACTION_DELETE, bearing.name());
      if (absl::Status status = db::DeleteBearing(scope_.connection, wanted_.site_id, id);
          !status.ok()) {
        return Raced(status);
      }
    }
    return absl::OkStatus();
  }

  CallScope& scope_;
  const PlantSnapshot& stored_;
  const PlantDescription& wanted_;
  v1::ImportPlantResponse& response_;
};

}  // namespace

absl::Status ImportPlant(CallScope& scope, const v1::ImportPlantRequest& request,
                         v1::ImportPlantResponse& response) {
  const v1::Plant& plant = request.plant();
  const absl::StatusOr<std::string> site =
      ParseSiteName(plant.site().name(), false, "plant.site.name");
  if (!site.ok()) return site.status();
  return Change(scope.connection, request.validate_only(), [&]() -> absl::Status {
    response.Clear();
    const absl::StatusOr<PlantSnapshot> stored = LoadPlant(scope, *site);
    if (!stored.ok()) return stored.status();
    const auto wanted = DescribePlant(plant, *stored, request.prune());
    if (!wanted.ok()) return wanted.status();
    Import import(scope, *stored, *wanted, response);
    if (absl::Status status = import.Put(); !status.ok()) return status;
    return request.prune() ? import.Prune() : absl::OkStatus();
  });
}

}  // namespace auscult::server
