#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace auscult::server {

// Resource names: "sites/{site}", "sites/{site}/assets/{asset}", ".../points/{point}",
// "bearings/{bearing}" (catalogue), "sites/{site}/bearings/{bearing}", "models/{model}" and
// "models/{model}/versions/{n}", "sites/{site}/schedules/{schedule}". Parsing answers
// INVALID_ARGUMENT (reason MALFORMED_NAME) with the pattern that was expected and `field`, the path
// in the request; an id has 1 to 63 of a-z, 0-9 and dashes and starts with a letter or digit. "-"
// (every one) is accepted only with `wildcard`, in the last id of the name.
struct AssetName {
  std::string site, asset;
};
struct PointName {
  std::string site, asset, point;
};
struct BearingName {
  std::string site, bearing;  // site "": of the catalogue
};
// "sites/{site}/alarms/{number}".
struct AlarmName {
  std::string site;
  int64_t alarm_id = 0;
};
struct ModelVersionName {
  std::string model;
  int version = 0;
};

struct ScheduleName {
  std::string site, schedule;
};
// "{point}/baselines/{version}", version from 1.
struct BaselineName {
  PointName point;
  int version = 0;
};

// Reason BAD_ID.
absl::Status CheckId(std::string_view id, std::string_view field);
absl::StatusOr<std::string> ParseSiteName(std::string_view name, bool wildcard = false,
                                          std::string_view field = "name");
absl::StatusOr<AssetName> ParseAssetName(std::string_view name, bool wildcard = false,
                                         std::string_view field = "name");
absl::StatusOr<PointName> ParsePointName(std::string_view name, std::string_view field = "name");
absl::StatusOr<BearingName> ParseBearingName(std::string_view name,
                                             std::string_view field = "name");
absl::StatusOr<AlarmName> ParseAlarmName(std::string_view name, std::string_view field = "name");
absl::StatusOr<BaselineName> ParseBaselineName(std::string_view name,
                                               std::string_view field = "name");
// "{point}/limits": the point.
absl::StatusOr<PointName> ParseLimitsName(std::string_view name, std::string_view field = "name");
// "retentionPolicy", "sites/{site}/retentionPolicy" and "{asset}/retentionPolicy": of what; empty:
// of the plant, of the whole site.
absl::StatusOr<AssetName> ParseRetentionPolicyName(std::string_view name,
                                                   std::string_view field = "name");
// "sites/{site}/quota" and "keys/{key}/quota": of whom. One of the two is empty.
struct QuotaName {
  std::string site, key;
};
absl::StatusOr<QuotaName> ParseQuotaName(std::string_view name, std::string_view field = "name");
absl::StatusOr<std::string> ParseModelName(std::string_view name, bool wildcard,
                                           std::string_view field);
absl::StatusOr<ScheduleName> ParseScheduleName(std::string_view name,
                                               std::string_view field = "name");
absl::StatusOr<ModelVersionName> ParseModelVersionName(std::string_view name,
                                                       std::string_view field = "name");

std::string SiteResource(std::string_view site);
std::string AssetResource(std::string_view site, std::string_view asset);
std::string PointResource(std::string_view site, std::string_view asset, std::string_view point);
std::string PointResource(const PointName& name);
std::string BearingResource(std::string_view site, std::string_view bearing);
std::string AlarmResource(std::string_view site, int64_t alarm_id);
std::string ScheduleResource(std::string_view site, std::string_view schedule);
std::string ModelVersionResource(std::string_view model, int version);
std::string RetentionPolicyResource(const AssetName& of);

// A caller's text inside a message: in quotes, control characters escaped, cut to 80 bytes at a
// character's end.
std::string Quoted(std::string_view text);

}  // namespace auscult::server
