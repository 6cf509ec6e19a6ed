#include "server/plant_description.h"

#include <map>
#include <utility>

#include "server/bearing_calls.h"
#include "server/concat.h"
#include "server/machine_check.h"
#include "server/names.h"
#include "server/plant_check.h"

namespace auscult::server {
namespace {

absl::Status OfOtherSite(const std::string& name, const std::string& site,
                         const std::string& field) {
  return BadField("OTHER_SITE", field, Concat(Quoted(name), " is not of ", SiteResource(site)),
                  "a plant describes one site: begin every name with that of its site");
}

absl::Status GivenTwice(const std::string& name, const std::string& field) {
  return BadField("DUPLICATE_NAME", field, Concat(Quoted(name), " is described twice"),
                  "describe it once");
}

class Reader {
 public:
  Reader(const v1::Plant& plant, const PlantSnapshot& stored, bool prune)
      : plant_(plant), stored_(stored), prune_(prune) {}

  absl::StatusOr<PlantDescription> Read() {
    for (const auto step : {&Reader::ReadSite, &Reader::ReadBearings, &Reader::ReadAssets,
                            &Reader::SortAssets, &Reader::ReadPoints}) {
      if (absl::Status status = (this->*step)(); !status.ok()) return status;
    }
    return std::move(read_);
  }

 private:
  absl::Status ReadSite() {
    const auto id = ParseSiteName(plant_.site().name(), false, "plant.site.name");
    if (!id.ok()) return id.status();
    read_.site_id = *id;
    read_.site = plant_.site();
    return CheckSite(read_.site, "plant.site");
  }

  absl::Status ReadBearings() {
    known_bearings_ = prune_ ? SiteBearings() : stored_.bearings;
    for (int i = 0; i < plant_.bearings_size(); ++i) {
      const v1::Bearing& bearing = plant_.bearings(i);
      const std::string field = Concat("plant.bearings[", i, "]");
      const auto name = ParseBearingName(bearing.name(), field + ".name");
      if (!name.ok()) return name.status();
      if (name->site != read_.site_id) {
        return OfOtherSite(bearing.name(), read_.site_id, field + ".name");
      }
      if (absl::Status status = CheckBearing(bearing, field); !status.ok()) return status;
      if (!read_.bearings.emplace(name->bearing, WithOrders(bearing)).second) {
        return GivenTwice(bearing.name(), field + ".name");
      }
      known_bearings_[name->bearing] = bearing;
    }
    return absl::OkStatus();
  }

  absl::Status ReadAssets() {
    for (int i = 0; i < plant_.assets_size(); ++i) {
      v1::Asset asset = plant_.assets(i);
      const std::string field = Concat("plant.assets[", i, "]");
      const auto name = ParseAssetName(asset.name(), false, field + ".name");
      if (!name.ok()) return name.status();
      if (name->site != read_.site_id) {
        return OfOtherSite(asset.name(), read_.site_id, field + ".name");
      }
      if (absl::Status status = CheckAsset(asset, read_.site_id, known_bearings_, field);
          !status.ok()) {
        return status;
      }
      // Empty machine data is stored, and shown, as none.
      if (asset.machine().ByteSizeLong() == 0) asset.clear_machine();
      if (!place_.emplace(asset.name(), i).second) {
        return GivenTwice(asset.name(), field + ".name");
      }
      read_.field_of[asset.name()] = field;
      read_.assets.push_back(std::move(asset));
    }
    return absl::OkStatus();
  }

  // "" at the top. Assets that are not described stay where they are.
  std::string ParentOf(const std::string& asset) const {
    if (const auto described = place_.find(asset); described != place_.end()) {
      return plant_.assets(described->second).parent_asset();
    }
    const auto stored = stored_.assets.find(asset);
    return stored == stored_.assets.end() ? "" : stored->second.message.parent_asset();
  }

  bool WillExist(const std::string& asset) const {
    return place_.contains(asset) || (!prune_ && stored_.assets.contains(asset));
  }

  // Parents first: each asset then moves below one that stands where it will stay, so that no step
  // closes a loop that the finished tree does not have.
  absl::Status SortAssets() {
    std::multimap<size_t, v1::Asset> by_depth;
    const size_t most = place_.size() + stored_.assets.size();
    for (v1::Asset& asset : read_.assets) {
      const std::string field = Concat("plant.assets[", place_.at(asset.name()), "].parent_asset");
      if (!asset.parent_asset().empty() && !WillExist(asset.parent_asset())) {
        return BadField("UNKNOWN_PARENT", field,
                        Concat("there is no asset ", Quoted(asset.parent_asset())),
                        "describe the parent too, or correct its name");
      }
      size_t depth = 0;
      for (std::string above = asset.parent_asset(); !above.empty(); above = ParentOf(above)) {
        if (++depth <= most && above != asset.name()) continue;
        return BadField("PARENT_LOOP", field, Concat(asset.name(), " would stand below itself"),
                        "give one asset of the loop another parent, or none");
      }
      by_depth.emplace(depth, std::move(asset));
    }
    read_.assets.clear();
    for (auto& [depth, asset] : by_depth) read_.assets.push_back(std::move(asset));
    return absl::OkStatus();
  }

  absl::Status ReadPoints() {
    for (int i = 0; i < plant_.points_size(); ++i) {
      const v1::Point& point = plant_.points(i);
      const std::string field = Concat("plant.points[", i, "]");
      const auto name = ParsePointName(point.name(), field + ".name");
      if (!name.ok()) return name.status();
      if (name->site != read_.site_id) {
        return OfOtherSite(point.name(), read_.site_id, field + ".name");
      }
      if (!WillExist(AssetResource(name->site, name->asset))) {
        return BadField("UNKNOWN_ASSET", field + ".name",
                        Concat("there is no asset ", AssetResource(name->site, name->asset)),
                        "describe the asset too, or correct the name");
      }
      if (absl::Status status = CheckPoint(point, field); !status.ok()) return status;
      if (!read_.field_of.emplace(point.name(), field).second) {
        return GivenTwice(point.name(), field + ".name");
      }
      read_.points.push_back(point);
    }
    return absl::OkStatus();
  }

  const v1::Plant& plant_;
  const PlantSnapshot& stored_;
  const bool prune_;
  PlantDescription read_;
  SiteBearings known_bearings_;
  std::map<std::string, int> place_;  // of an asset in the request
};

}  // namespace

absl::StatusOr<PlantDescription> DescribePlant(const v1::Plant& plant, const PlantSnapshot& stored,
                                               bool prune) {
  return Reader(plant, stored, prune).Read();
}

}  // namespace auscult::server
