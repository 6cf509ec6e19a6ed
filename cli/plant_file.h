#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "auscult/v1/asset_service.pb.h"
#include "cli/yaml_message.h"

namespace auscult::cli {

// A plant as its owner describes it, with where each field stands in the file.
struct PlantFile {
  v1::Plant plant;
  FieldPositions positions;
};

// Reads a v1.Plant from YAML. Names may be short: site "demo", asset "pump-1", point "pump-1/de",
// parent "line-2", and a bearing by its catalogue name or, where the file defines one of that name,
// that of the site; they come back as resource names.
absl::StatusOr<PlantFile> ReadPlantFile(const std::string& path);

// The resource name of what a person typed: "demo/pump-1" and "sites/demo/assets/pump-1" are the
// same asset, "demo/pump-1/de" is a point.
std::string ResourceName(const std::string& text);

}  // namespace auscult::cli
