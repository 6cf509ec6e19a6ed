#include "server/names.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "server/concat.h"
#include "server/errors.h"

namespace auscult::server {
namespace {

constexpr size_t kMaxIdLength = 63;
constexpr size_t kMaxQuotedBytes = 80;
constexpr std::string_view kIdRule =
    "1 to 63 lower-case letters, digits and dashes, the first a letter or digit";

bool IsId(std::string_view id) {
  if (id.empty() || id.size() > kMaxIdLength || id.front() == '-') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  });
}

// The ids of `name`, or nothing if it does not go collection/id/collection/id as asked.
std::vector<std::string> Ids(std::string_view name, std::span<const std::string_view> collections,
                             bool wildcard) {
  std::vector<std::string_view> parts;
  for (const absl::string_view part : absl::StrSplit(ToAbsl(name), '/')) {
    parts.emplace_back(part.data(), part.size());
  }
  if (parts.size() != 2 * collections.size()) return {};
  std::vector<std::string> ids;
  for (size_t i = 0; i < collections.size(); ++i) {
    const std::string_view id = parts[2 * i + 1];
    const bool every_one = wildcard && id == "-" && i + 1 == collections.size();
    if (parts[2 * i] != collections[i] || !(every_one || IsId(id))) return {};
    ids.emplace_back(id);
  }
  return ids;
}

absl::Status Malformed(std::string_view name, std::string_view pattern, std::string_view field) {
  return MakeError(
      absl::StatusCode::kInvalidArgument,
      {.reason = "MALFORMED_NAME",
       .message = Concat(field, " is ", Quoted(name), ", not a name of the form ", Quoted(pattern)),
       .remedy = Concat("send ", Quoted(pattern), "; each id has ", kIdRule),
       .field = std::string(field)});
}

}  // namespace

absl::Status CheckId(std::string_view id, std::string_view field) {
  if (IsId(id)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument,
                   {.reason = "BAD_ID",
                    .message = Concat(field, " is ", Quoted(id), ", which is not an id"),
                    .remedy = Concat("use ", kIdRule, "; display_name takes any text for people"),
                    .field = std::string(field)});
}

absl::StatusOr<std::string> ParseSiteName(std::string_view name, bool wildcard,
                                          std::string_view field) {
  constexpr std::array<std::string_view, 1> kCollections = {"sites"};
  std::vector<std::string> ids = Ids(name, kCollections, wildcard);
  if (ids.empty()) return Malformed(name, "sites/{site}", field);
  return ids[0];
}

absl::StatusOr<AssetName> ParseAssetName(std::string_view name, bool wildcard,
                                         std::string_view field) {
  constexpr std::array<std::string_view, 2> kCollections = {"sites", "assets"};
  std::vector<std::string> ids = Ids(name, kCollections, wildcard);
  if (ids.empty()) return Malformed(name, "sites/{site}/assets/{asset}", field);
  return AssetName{.site = ids[0], .asset = ids[1]};
}

absl::StatusOr<PointName> ParsePointName(std::string_view name, std::string_view field) {
  constexpr std::array<std::string_view, 3> kCollections = {"sites", "assets", "points"};
  std::vector<std::string> ids = Ids(name, kCollections, false);
  if (ids.empty()) return Malformed(name, "sites/{site}/assets/{asset}/points/{point}", field);
  return PointName{.site = ids[0], .asset = ids[1], .point = ids[2]};
}

absl::StatusOr<BearingName> ParseBearingName(std::string_view name, std::string_view field) {
  constexpr std::array<std::string_view, 1> kCatalogue = {"bearings"};
  constexpr std::array<std::string_view, 2> kOfSite = {"sites", "bearings"};
  if (std::vector<std::string> ids = Ids(name, kCatalogue, false); !ids.empty()) {
    return BearingName{.site = "", .bearing = ids[0]};
  }
  std::vector<std::string> ids = Ids(name, kOfSite, false);
  if (ids.empty()) {
    return Malformed(name, "bearings/{bearing} or sites/{site}/bearings/{bearing}", field);
  }
  return BearingName{.site = ids[0], .bearing = ids[1]};
}

absl::StatusOr<AlarmName> ParseAlarmName(std::string_view name, std::string_view field) {
  constexpr std::array<std::string_view, 2> kCollections = {"sites", "alarms"};
  std::vector<std::string> ids = Ids(name, kCollections, false);
  AlarmName parsed;
  if (ids.empty() || !absl::SimpleAtoi(ids[1], &parsed.alarm_id)) {
    return Malformed(name, "sites/{site}/alarms/{alarm}", field);
  }
  parsed.site = std::move(ids[0]);
  return parsed;
}

absl::StatusOr<BaselineName> ParseBaselineName(std::string_view name, std::string_view field) {
  constexpr std::array<std::string_view, 4> kCollections = {"sites", "assets", "points",
                                                            "baselines"};
  std::vector<std::string> ids = Ids(name, kCollections, false);
  int version = 0;
  if (ids.empty() || !absl::SimpleAtoi(ids[3], &version) || version < 1) {
    return Malformed(name, "sites/{site}/assets/{asset}/points/{point}/baselines/{version}", field);
  }
  return BaselineName{.point = {.site = ids[0], .asset = ids[1], .point = ids[2]},
                      .version = version};
}

absl::StatusOr<PointName> ParseLimitsName(std::string_view name, std::string_view field) {
  constexpr std::string_view kEnd = "/limits";
  if (name.ends_with(kEnd)) {
    absl::StatusOr<PointName> point = ParsePointName(name.substr(0, name.size() - kEnd.size()));
    if (point.ok()) return point;
  }
  return Malformed(name, "sites/{site}/assets/{asset}/points/{point}/limits", field);
}

absl::StatusOr<AssetName> ParseRetentionPolicyName(std::string_view name, std::string_view field) {
  constexpr std::string_view kPolicy = "retentionPolicy", kEnd = "/retentionPolicy";
  if (name == kPolicy) return AssetName{};
  if (name.ends_with(kEnd)) {
    const std::string_view of = name.substr(0, name.size() - kEnd.size());
    if (absl::StatusOr<std::string> site = ParseSiteName(of); site.ok()) {
      return AssetName{.site = *std::move(site), .asset = ""};
    }
    if (absl::StatusOr<AssetName> asset = ParseAssetName(of); asset.ok()) return asset;
  }
  return Malformed(name,
                   "retentionPolicy, sites/{site}/retentionPolicy or "
                   "sites/{site}/assets/{asset}/retentionPolicy",
                   field);
}

absl::StatusOr<ScheduleName> ParseScheduleName(std::string_view name, std::string_view field) {
  constexpr std::array<std::string_view, 2> kCollections = {"sites", "schedules"};
  std::vector<std::string> ids = Ids(name, kCollections, false);
  if (ids.empty()) return Malformed(name, "sites/{site}/schedules/{schedule}", field);
  return ScheduleName{.site = ids[0], .schedule = ids[1]};
}

absl::StatusOr<QuotaName> ParseQuotaName(std::string_view name, std::string_view field) {
  constexpr std::string_view kEnd = "/quota";
  constexpr std::array<std::string_view, 1> kSites = {"sites"}, kKeys = {"keys"};
  if (name.size() > kEnd.size() && name.substr(name.size() - kEnd.size()) == kEnd) {
    const std::string_view of = name.substr(0, name.size() - kEnd.size());
    if (std::vector<std::string> ids = Ids(of, kSites, false); !ids.empty()) {
      return QuotaName{.site = ids[0], .key = {}};
    }
    if (std::vector<std::string> ids = Ids(of, kKeys, false); !ids.empty()) {
      return QuotaName{.site = {}, .key = ids[0]};
    }
  }
  return Malformed(name, "sites/{site}/quota or keys/{key}/quota", field);
}

absl::StatusOr<std::string> ParseModelName(std::string_view name, bool wildcard,
                                           std::string_view field) {
  constexpr std::array<std::string_view, 1> kCollections = {"models"};
  std::vector<std::string> ids = Ids(name, kCollections, wildcard);
  if (ids.empty()) return Malformed(name, "models/{model}", field);
  return ids[0];
}

absl::StatusOr<ModelVersionName> ParseModelVersionName(std::string_view name,
                                                       std::string_view field) {
  constexpr std::array<std::string_view, 2> kCollections = {"models", "versions"};
  std::vector<std::string> ids = Ids(name, kCollections, false);
  int version = 0;
  if (ids.empty() || !absl::SimpleAtoi(ids[1], &version) || Concat(version) != ids[1]) {
    return Malformed(name, "models/{model}/versions/{number}", field);
  }
  return ModelVersionName{.model = ids[0], .version = version};
}

std::string SiteResource(std::string_view site) { return Concat("sites/", site); }

std::string AssetResource(std::string_view site, std::string_view asset) {
  return Concat("sites/", site, "/assets/", asset);
}

std::string PointResource(std::string_view site, std::string_view asset, std::string_view point) {
  return Concat("sites/", site, "/assets/", asset, "/points/", point);
}

std::string PointResource(const PointName& name) {
  return PointResource(name.site, name.asset, name.point);
}

std::string BearingResource(std::string_view site, std::string_view bearing) {
  if (site.empty()) return Concat("bearings/", bearing);
  return Concat("sites/", site, "/bearings/", bearing);
}

std::string AlarmResource(std::string_view site, int64_t alarm_id) {
  return Concat("sites/", site, "/alarms/", alarm_id);
}

std::string ScheduleResource(std::string_view site, std::string_view schedule) {
  return Concat("sites/", site, "/schedules/", schedule);
}

std::string ModelVersionResource(std::string_view model, int version) {
  return Concat("models/", model, "/versions/", version);
}

std::string RetentionPolicyResource(const AssetName& of) {
  if (of.site.empty()) return "retentionPolicy";
  return Concat(of.asset.empty() ? SiteResource(of.site) : AssetResource(of.site, of.asset),
                "/retentionPolicy");
}

std::string Quoted(std::string_view text) {
  std::string_view shown = text.substr(0, kMaxQuotedBytes);
  if (shown.size() < text.size()) {
    // Continuation bytes are 10xxxxxx: go back to where the cut character begins.
    size_t end = shown.size();
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    shown = shown.substr(0, end);
  }
  return Concat("\"", absl::Utf8SafeCEscape(ToAbsl(shown)), shown.size() < text.size() ? "..." : "",
                "\"");
}

}  // namespace auscult::server
