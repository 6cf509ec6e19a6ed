#include "server/plant_rows.h"

#include <cassert>
#include <utility>

#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/etag.h"
#include "server/names.h"

namespace auscult::server {
namespace {

using google::protobuf::Message;
using google::protobuf::util::TimeUtil;

constexpr int kBearingsAtOnce = 1000;

template <typename Row, typename Result>
void CopyTimes(const Row& row, Result& message) {
  *message.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(row.create_time_us);
  *message.mutable_update_time() = TimeUtil::MicrosecondsToTimestamp(row.update_time_us);
}

}  // namespace

std::string StoredJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  assert(status.ok());  // neither Any nor a timestamp out of range is stored
  (void)status;
  return json;
}

absl::Status ReadStoredJson(std::string_view json, std::string_view what, Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &message, options);
  if (status.ok()) return absl::OkStatus();
  return absl::InternalError(
      Concat("the stored definition of ", what, " cannot be read: ", status.ToString()));
}

v1::Site MessageOf(const db::Site& row) {
  v1::Site site;
  site.set_name(SiteResource(row.slug));
  site.set_display_name(row.display_name);
  site.set_time_zone(row.time_zone);
  if (row.false_alarms_per_point_year) {
    site.set_false_alarms_per_point_year(static_cast<float>(*row.false_alarms_per_point_year));
  }
  if (row.alarm_budget_per_week) {
    site.set_alarm_budget_per_week(static_cast<float>(*row.alarm_budget_per_week));
  }
  CopyTimes(row, site);
  site.set_etag(MakeEtag(row.site_id, row.revision));
  return site;
}

absl::StatusOr<v1::Asset> MessageOf(const db::Asset& row) {
  v1::Asset asset;
  asset.set_name(AssetResource(row.site_slug, row.slug));
  if (absl::Status status = ReadStoredJson(row.machine, asset.name(), *asset.mutable_machine());
      !status.ok()) {
    return status;
  }
  if (asset.machine().ByteSizeLong() == 0) asset.clear_machine();
  asset.set_display_name(row.display_name);
  if (row.parent_slug) asset.set_parent_asset(AssetResource(row.site_slug, *row.parent_slug));
  asset.set_kind(row.kind);
  CopyTimes(row, asset);
  asset.set_etag(MakeEtag(row.asset_id, row.revision));
  return asset;
}

absl::StatusOr<v1::Point> MessageOf(const db::Point& row) {
  v1::Point point;
  const std::string name = PointResource(row.site_slug, row.asset_slug, row.slug);
  if (absl::Status status = ReadStoredJson(row.definition, name, point); !status.ok())
    return status;
  point.set_name(name);
  CopyTimes(row, point);
  point.set_etag(MakeEtag(row.point_id, row.revision));
  return point;
}

absl::StatusOr<v1::Bearing> MessageOf(const db::Bearing& row) {
  v1::Bearing bearing;
  const std::string name = BearingResource(row.site_slug, row.slug);
  if (absl::Status status = ReadStoredJson(row.definition, name, bearing); !status.ok())
    return status;
  bearing.set_name(name);
  return bearing;
}

db::Site RowOf(const v1::Site& site) {
  db::Site row;
  row.slug = ParseSiteName(site.name()).value();
  row.display_name = site.display_name();
  row.time_zone = site.time_zone();
  if (site.has_false_alarms_per_point_year()) {
    row.false_alarms_per_point_year = site.false_alarms_per_point_year();
  }
  if (site.has_alarm_budget_per_week()) row.alarm_budget_per_week = site.alarm_budget_per_week();
  return row;
}

db::Asset RowOf(const v1::Asset& asset) {
  AssetName name = ParseAssetName(asset.name()).value();
  db::Asset row;
  row.site_slug = std::move(name.site);
  row.slug = std::move(name.asset);
  if (!asset.parent_asset().empty()) {
    row.parent_slug = ParseAssetName(asset.parent_asset()).value().asset;
  }
  row.display_name = asset.display_name();
  row.kind = asset.kind();
  row.machine = StoredJson(asset.machine());
  return row;
}

db::Point RowOf(const v1::Point& point) {
  PointName name = ParsePointName(point.name()).value();
  db::Point row;
  row.site_slug = std::move(name.site);
  row.asset_slug = std::move(name.asset);
  row.slug = std::move(name.point);
  v1::Point definition = point;
  definition.clear_name();
  definition.clear_health();
  definition.clear_create_time();
  definition.clear_update_time();
  definition.clear_etag();
  row.definition = StoredJson(definition);
  return row;
}

db::Bearing RowOf(const v1::Bearing& bearing) {
  BearingName name = ParseBearingName(bearing.name()).value();
  v1::Bearing definition = bearing;
  definition.clear_name();
  return {.site_slug = std::move(name.site),
          .slug = std::move(name.bearing),
          .definition = StoredJson(definition)};
}

absl::StatusOr<SiteBearings> LoadSiteBearings(db::Connection& connection, const std::string& site) {
  SiteBearings bearings;
  std::string after;
  for (;;) {
    auto rows = db::ListBearings(connection, site, after, kBearingsAtOnce);
    if (!rows.ok()) return rows.status();
    for (const db::Bearing& row : *rows) {
      absl::StatusOr<v1::Bearing> bearing = MessageOf(row);
      if (!bearing.ok()) return bearing.status();
      bearings.emplace(row.slug, *std::move(bearing));
    }
    if (rows->size() < kBearingsAtOnce) return bearings;
    after = rows->back().slug;
  }
}

int64_t StaleAfterSeconds(std::string_view definition) {
  if (definition.find("\"stale_after_s\"") == std::string_view::npos) return 0;
  v1::Point point;
  return ReadStoredJson(definition, "a point", point).ok() ? point.stale_after_s() : 0;
}

std::string DisplayName(std::string_view definition) {
  v1::Point point;
  return ReadStoredJson(definition, "a point", point).ok() ? point.display_name() : "";
}

}  // namespace auscult::server
