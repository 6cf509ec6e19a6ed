#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "auscult/v1/asset_service.pb.h"
#include "server/plant_snapshot.h"

namespace auscult::server {

// A plant as a person described it: checked, in the form in which it is stored, parents before
// their children.
struct PlantDescription {
  std::string site_id;
  v1::Site site;
  SiteBearings bearings;
  std::vector<v1::Asset> assets;
  std::vector<v1::Point> points;
  std::map<std::string, std::string> field_of;  // by name: where it stands, "plant.points[3]"
};

// Checks that names are well-formed, of one site and given once, every field, and that what is
// referred to is described too or (without `prune`) stored already. INVALID_ARGUMENT names the path
// ("plant.assets[3].machine.gears[0].teeth").
absl::StatusOr<PlantDescription> DescribePlant(const v1::Plant& plant, const PlantSnapshot& stored,
                                               bool prune);

}  // namespace auscult::server
