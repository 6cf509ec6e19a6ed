#include "cli/plant_file.h"

#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/file_bytes.h"
#include "features/bearing_catalogue.h"

namespace auscult::cli {
namespace {

constexpr int64_t kMaxPlantBytes = 64 << 20;

bool IsShort(const std::string& name) { return !name.empty() && !absl::StartsWith(name, "sites/"); }

class NameExpansion {
 public:
  explicit NameExpansion(v1::Plant& plant) : plant_(plant) {}

  void Expand() {
    v1::Site& site = *plant_.mutable_site();
    if (IsShort(site.name())) site.set_name(absl::StrCat("sites/", site.name()));
    for (v1::Bearing& bearing : *plant_.mutable_bearings()) {
      if (IsShort(bearing.name()) && !absl::StartsWith(bearing.name(), "bearings/")) {
        bearing.set_name(absl::StrCat(site.name(), "/bearings/", bearing.name()));
      }
      own_bearings_.insert(bearing.name());
    }
    for (v1::Asset& asset : *plant_.mutable_assets()) ExpandAsset(asset);
    for (v1::Point& point : *plant_.mutable_points()) {
      const std::vector<std::string> parts = absl::StrSplit(point.name(), '/');
      if (IsShort(point.name()) && parts.size() == 2) {
        point.set_name(absl::StrCat(AssetName(parts[0]), "/points/", parts[1]));
      }
    }
  }

 private:
  std::string AssetName(const std::string& id) const {
    return absl::StrCat(plant_.site().name(), "/assets/", id);
  }

  void ExpandAsset(v1::Asset& asset) {
    if (IsShort(asset.name())) asset.set_name(AssetName(asset.name()));
    if (IsShort(asset.parent_asset())) asset.set_parent_asset(AssetName(asset.parent_asset()));
    if (!asset.has_machine()) return;
    for (v1::MountedBearing& mounted : *asset.mutable_machine()->mutable_bearings()) {
      const std::string& name = mounted.bearing();
      if (!IsShort(name) || absl::StartsWith(name, "bearings/")) continue;
      const std::string own = absl::StrCat(plant_.site().name(), "/bearings/", name);
      const features::CatalogueBearing* known = features::FindBearing(name);
      mounted.set_bearing(own_bearings_.contains(own) || known == nullptr
                              ? own
                              : absl::StrCat("bearings/", std::string(known->id)));
    }
  }

  v1::Plant& plant_;
  std::set<std::string> own_bearings_;
};

}  // namespace

absl::StatusOr<PlantFile> ReadPlantFile(const std::string& path) {
  absl::StatusOr<std::string> text = ReadFileBytes(path, kMaxPlantBytes);
  if (!text.ok()) return text.status();
  PlantFile file;
  if (absl::Status status = ParseYamlMessage(*text, path, file.plant, file.positions);
      !status.ok()) {
    return status;
  }
  if (file.plant.site().name().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": the site has no name; begin the file with \"site: {name: my-plant}\""));
  }
  NameExpansion(file.plant).Expand();
  return file;
}

std::string ResourceName(const std::string& text) {
  if (absl::StartsWith(text, "sites/")) return text;
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  std::string name = absl::StrCat("sites/", parts[0]);
  if (parts.size() > 1) absl::StrAppend(&name, "/assets/", parts[1]);
  for (size_t i = 2; i < parts.size(); ++i) absl::StrAppend(&name, "/points/", parts[i]);
  return name;
}

}  // namespace auscult::cli
