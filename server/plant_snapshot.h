#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "auscult/v1/resources.pb.h"
#include "server/call_pool.h"
#include "server/plant_rows.h"

namespace auscult::server {

// A site as it is stored, whole. Keys are resource names, of bearings ids.
struct PlantSnapshot {
  struct Asset {
    v1::Asset message;
    int64_t revision = 0;
  };
  struct Point {
    v1::Point message;
    int64_t revision = 0;
    int64_t record_count = 0;
  };
  std::optional<v1::Site> site;  // nothing when the site does not exist
  int64_t site_revision = 0;
  SiteBearings bearings;
  std::map<std::string, Asset> assets;
  std::map<std::string, Point> points;
};

absl::StatusOr<PlantSnapshot> LoadPlant(CallScope& scope, const std::string& site);

}  // namespace auscult::server
