#include "server/maintenance_calls.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "db/maintenance_store.h"
#include "db/plant_store.h"
#include "db/relearning.h"
#include "google/protobuf/util/time_util.h"
#include "server/access/caller.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/fleet_health.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/store_errors.h"
#include "server/time_check.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr char kPlace[] = "maintenance.";

v1::Maintenance MessageOf(const db::MaintenanceRow& row, const AssetName& asset) {
  v1::Maintenance message;
  message.set_name(
      Concat(AssetResource(asset.site, asset.asset), "/maintenance/", row.maintenance_id));
  *message.mutable_performed_at() = TimeUtil::MicrosecondsToTimestamp(row.performed_at_us);
  *message.mutable_create_time() = TimeUtil::MicrosecondsToTimestamp(row.create_time_us);
  message.set_description(row.description);
  message.set_actor(row.actor);
  message.set_work_order(row.work_order);
  message.set_keep_baseline(row.keep_baseline);
  for (const std::string& point : row.points) {
    message.add_points(PointResource(asset.site, asset.asset, point));
  }
  return message;
}

absl::StatusOr<db::MaintenanceRow> RowOf(const v1::Maintenance& told) {
  db::MaintenanceRow row;
  row.performed_at_us = NowUs();
  if (told.has_performed_at()) {
    const auto us =
        CheckPastTime(told.performed_at(), row.performed_at_us, Concat(kPlace, "performed_at"));
    if (!us.ok()) return us.status();
    row.performed_at_us = *us;
  }
  if (told.description().empty()) {
    return BadField("MISSING_FIELD", Concat(kPlace, "description"), "description is missing",
                    "say what was done: \"drive-end bearing replaced\"");
  }
  absl::Status status = CheckComment(told.description(), Concat(kPlace, "description"));
  if (status.ok()) status = CheckText(told.actor(), Concat(kPlace, "actor"));
  if (status.ok()) status = CheckText(told.work_order(), Concat(kPlace, "work_order"));
  if (!status.ok()) return status;
  row.description = told.description();
  row.actor = told.actor();
  row.work_order = told.work_order();
  row.keep_baseline = told.keep_baseline();
  return row;
}

// The slugs of the points that are named, each once.
absl::StatusOr<std::vector<std::string>> SlugsOf(const v1::Maintenance& told,
                                                 const AssetName& asset) {
  std::vector<std::string> slugs;
  for (int i = 0; i < told.points_size(); ++i) {
    const std::string field = Concat(kPlace, "points[", i, "]");
    absl::StatusOr<PointName> point = ParsePointName(told.points(i), field);
    if (!point.ok()) return point.status();
    if (point->site != asset.site || point->asset != asset.asset) {
      return BadField("OTHER_PARENT", field,
                      Concat("the point ", Quoted(told.points(i)), " is not one of ",
                             AssetResource(asset.site, asset.asset)),
                      "tell the maintenance of each asset by itself");
    }
    slugs.push_back(std::move(point->point));
  }
  std::sort(slugs.begin(), slugs.end());
  slugs.erase(std::unique(slugs.begin(), slugs.end()), slugs.end());
  return slugs;
}

// Ids of the points with these slugs; of all points for none.
absl::StatusOr<std::vector<int64_t>> IdsOf(CallScope& scope, const AssetName& asset,
                                           const std::vector<std::string>& slugs) {
  const auto points = db::ListPointSummaries(scope.connection, asset.site, asset.asset);
  if (!points.ok()) return points.status();
  std::vector<int64_t> ids;
  std::vector<std::string> known;
  for (const db::PointSummary& summary : *points) {
    known.push_back(summary.point.slug);
    if (slugs.empty() || std::binary_search(slugs.begin(), slugs.end(), summary.point.slug)) {
      ids.push_back(summary.point.point_id);
    }
  }
  for (const std::string& slug : slugs) {
    if (std::find(known.begin(), known.end(), slug) != known.end()) continue;
    return UnknownResource(Resource::kPoint, PointResource(asset.site, asset.asset, slug),
                           Concat(kPlace, "points"));
  }
  return ids;
}

absl::Status Store(CallScope& scope, const std::vector<int64_t>& learn_anew,
                   db::MaintenanceRow& row) {
  if (!row.keep_baseline) {
    std::vector<db::PointKey> keys;
    for (const int64_t id : learn_anew) keys.emplace_back(row.asset_id, id);
    const std::string why = Concat("Learning anew after maintenance: ", row.description);
    absl::Status status = db::RestartLearning(scope.connection, keys, row.performed_at_us, why);
    if (status.ok() && row.points.empty()) {
      status = db::RestartProcessLearning(scope.connection, row.asset_id, row.performed_at_us, why);
    }
    if (!status.ok()) return status;
  }
  const auto made = db::InsertMaintenance(scope.connection, row,
                                          row.points.empty() ? std::vector<int64_t>() : learn_anew);
  if (!made.ok()) return made.status();
  row.maintenance_id = made->maintenance_id;
  row.create_time_us = made->create_time_us;
  return db::NoteMaintenanceAtCases(scope.connection, row);
}

}  // namespace

absl::Status RecordMaintenance(CallScope& scope, const v1::RecordMaintenanceRequest& request,
                               v1::Maintenance& response) {
  const absl::StatusOr<AssetName> name = ParseAssetName(request.asset(), false, "asset");
  if (!name.ok()) return name.status();
  absl::StatusOr<db::MaintenanceRow> row = RowOf(request.maintenance());
  if (!row.ok()) return row.status();
  row->actor = ActorOf(*scope.caller, row->actor);
  auto slugs = SlugsOf(request.maintenance(), *name);
  if (!slugs.ok()) return slugs.status();
  row->points = *std::move(slugs);
  const absl::Status status = Change(scope.connection, false, [&]() -> absl::Status {
    const auto asset = db::GetAsset(scope.connection, name->site, name->asset);
    if (!asset.ok()) return asset.status();
    row->asset_id = asset->asset_id;
    const auto ids = IdsOf(scope, *name, row->points);
    return ids.ok() ? Store(scope, *ids, *row) : ids.status();
  });
  if (!status.ok()) return FromStore(status, Resource::kAsset, request.asset(), "asset");
  response = MessageOf(*row, *name);
  return absl::OkStatus();
}

absl::Status ListMaintenance(CallScope& scope, const v1::ListMaintenanceRequest& request,
                             v1::ListMaintenanceResponse& response) {
  const absl::StatusOr<AssetName> name = ParseAssetName(request.parent(), false, "parent");
  if (!name.ok()) return name.status();
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const std::string token_scope = Concat("ListMaintenance ", request.parent());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 2);
  if (!cursor.ok()) return cursor.status();
  db::MaintenanceCursor before;  // the token is sealed, so its parts are as they were written
  (void)absl::SimpleAtoi((*cursor)[0], &before.performed_at_us);
  (void)absl::SimpleAtoi((*cursor)[1], &before.maintenance_id);
  const auto asset = db::GetAsset(scope.connection, name->site, name->asset);
  if (!asset.ok()) return FromStore(asset.status(), Resource::kAsset, request.parent(), "parent");
  const auto rows = db::ListMaintenance(scope.connection, asset->asset_id, before, *page_size + 1);
  if (!rows.ok()) return rows.status();
  const size_t shown = std::min(rows->size(), static_cast<size_t>(*page_size));
  for (size_t i = 0; i < shown; ++i) {
    *response.add_maintenance() = MessageOf((*rows)[i], *name);
  }
  if (shown < rows->size()) {
    const db::MaintenanceRow& last = (*rows)[shown - 1];
    response.set_next_page_token(
        MakePageToken(token_scope, {Concat(last.performed_at_us), Concat(last.maintenance_id)}));
  }
  return absl::OkStatus();
}

}  // namespace auscult::server
