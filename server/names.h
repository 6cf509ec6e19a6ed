#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace auscult::server {

// Resource names as API.md has them. Parsing answers INVALID_ARGUMENT with the pattern that was
// expected; an id has 1 to 63 of a-z, 0-9 and dashes and starts with a letter or digit. "-" (every
// one) is accepted only where the function says so.
struct AssetName {
  std::string site, asset;
};
struct PointName {
  std::string site, asset, point;
};

absl::Status CheckId(std::string_view id, std::string_view field);
absl::StatusOr<std::string> ParseSiteName(std::string_view name, bool wildcard = false);
absl::StatusOr<AssetName> ParseAssetName(std::string_view name, bool wildcard = false);
absl::StatusOr<PointName> ParsePointName(std::string_view name);

std::string SiteResource(std::string_view site);
std::string AssetResource(std::string_view site, std::string_view asset);
std::string PointResource(std::string_view site, std::string_view asset, std::string_view point);

}  // namespace auscult::server
