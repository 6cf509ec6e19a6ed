#include "server/point_calls.h"

#include <algorithm>
#include <tuple>

#include "db/plant_store.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/concat.h"
#include "server/errors.h"
#include "server/etag.h"
#include "server/field_mask.h"
#include "server/fleet_health.h"
#include "server/health_view.h"
#include "server/names.h"
#include "server/paging.h"
#include "server/plant_check.h"
#include "server/plant_rows.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

absl::Status Show(const db::Point& row, v1::Point& response) {
  absl::StatusOr<v1::Point> point = MessageOf(row);
  if (!point.ok()) return point.status();
  response = *std::move(point);
  return absl::OkStatus();
}

absl::Status ShowWithHealth(const db::PointSummary& summary, int64_t now_us, v1::Point& response) {
  if (absl::Status status = Show(summary.point, response); !status.ok()) return status;
  *response.mutable_health() = PointHealthOf(summary, response.stale_after_s(), now_us);
  return absl::OkStatus();
}

std::tuple<std::string_view, std::string_view, std::string_view> KeyOf(const db::Point& point) {
  return {point.site_slug, point.asset_slug, point.slug};
}

absl::StatusOr<db::PointSummary> FindSummary(CallScope& scope, const PointName& name,
                                             std::string_view sent_name, std::string_view field) {
  auto summaries = db::ListPointSummaries(scope.connection, name.site, name.asset);
  if (!summaries.ok()) return summaries.status();
  const auto found =
      std::find_if(summaries->begin(), summaries->end(),
                   [&](const db::PointSummary& s) { return s.point.slug == name.point; });
  if (found == summaries->end()) return UnknownResource(Resource::kPoint, sent_name, field);
  return std::move(*found);
}

// That the asset (or the site, for "-") exists: an empty list would hide a mistyped name.
absl::Status CheckParent(CallScope& scope, const AssetName& parent, const std::string& sent) {
  if (parent.asset == "-") {
    return FromStore(db::GetSite(scope.connection, parent.site).status(), Resource::kSite,
                     SiteResource(parent.site), "parent");
  }
  return FromStore(db::GetAsset(scope.connection, parent.site, parent.asset).status(),
                   Resource::kAsset, sent, "parent");
}

}  // namespace

absl::Status CheckChannelsKept(const v1::Point& before, const v1::Point& after,
                               int64_t record_count, const std::string& field) {
  const bool same =
      std::equal(before.channels().begin(), before.channels().end(), after.channels().begin(),
                 after.channels().end(), [](const v1::Channel& a, const v1::Channel& b) {
                   return google::protobuf::util::MessageDifferencer::Equals(a, b);
                 });
  if (same || record_count == 0) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   {.reason = "CHANNELS_FIXED",
                    .message = Concat(before.name(), " has ", record_count,
                                      " records, whose channels would no longer compare"),
                    .remedy = "create a new point for the new channels",
                    .field = field + ".channels"});
}

absl::Status GetPoint(CallScope& scope, const v1::GetPointRequest& request, v1::Point& response) {
  const absl::StatusOr<PointName> name = ParsePointName(request.name());
  if (!name.ok()) return name.status();
  const auto summary = FindSummary(scope, *name, request.name(), "name");
  if (!summary.ok()) return summary.status();
  return ShowWithHealth(*summary, NowUs(), response);
}

absl::Status ListPoints(CallScope& scope, const v1::ListPointsRequest& request,
                        v1::ListPointsResponse& response) {
  const absl::StatusOr<AssetName> parent = ParseAssetName(request.parent(), true, "parent");
  if (!parent.ok()) return parent.status();
  const absl::StatusOr<int> page_size = PageSize(request.page_size());
  if (!page_size.ok()) return page_size.status();
  const std::string token_scope = Concat("ListPoints ", request.parent());
  const auto cursor = ParsePageToken(request.page_token(), token_scope, 3);
  if (!cursor.ok()) return cursor.status();
  if (absl::Status status = CheckParent(scope, *parent, request.parent()); !status.ok()) {
    return status;
  }
  const auto summaries = db::ListPointSummaries(scope.connection, parent->site,
                                                parent->asset == "-" ? "" : parent->asset);
  if (!summaries.ok()) return summaries.status();
  const std::tuple<std::string_view, std::string_view, std::string_view> after{
      (*cursor)[0], (*cursor)[1], (*cursor)[2]};
  auto next = std::upper_bound(
      summaries->begin(), summaries->end(), after,
      [](const auto& key, const db::PointSummary& s) { return key < KeyOf(s.point); });
  const int64_t now_us = NowUs();
  for (; next != summaries->end() && response.points_size() < *page_size; ++next) {
    if (absl::Status status = ShowWithHealth(*next, now_us, *response.add_points()); !status.ok()) {
      return status;
    }
  }
  if (next != summaries->end()) {
    const db::Point& last = std::prev(next)->point;
    response.set_next_page_token(
        MakePageToken(token_scope, {last.site_slug, last.asset_slug, last.slug}));
  }
  return absl::OkStatus();
}

absl::Status CreatePoint(CallScope& scope, const v1::CreatePointRequest& request,
                         v1::Point& response) {
  const absl::StatusOr<AssetName> parent = ParseAssetName(request.parent(), false, "parent");
  if (!parent.ok()) return parent.status();
  if (absl::Status status = CheckId(request.point_id(), "point_id"); !status.ok()) return status;
  if (absl::Status status = CheckPoint(request.point(), "point"); !status.ok()) return status;
  v1::Point point = request.point();
  point.set_name(PointResource(parent->site, parent->asset, request.point_id()));
  return Change(scope.connection, request.validate_only(), [&]() -> absl::Status {
    const absl::StatusOr<db::Point> made = db::CreatePoint(scope.connection, RowOf(point));
    if (absl::IsNotFound(made.status())) {
      return UnknownResource(Resource::kAsset, request.parent(), "parent");
    }
    if (!made.ok()) return FromStore(made.status(), Resource::kPoint, point.name(), "point_id");
    return Show(*made, response);
  });
}

absl::Status UpdatePoint(CallScope& scope, const v1::UpdatePointRequest& request,
                         v1::Point& response) {
  const std::string& sent_name = request.point().name();
  const absl::StatusOr<PointName> name = ParsePointName(sent_name, "point.name");
  if (!name.ok()) return name.status();
  return Change(scope.connection, request.validate_only(), [&]() -> absl::Status {
    const auto stored = FindSummary(scope, *name, sent_name, "point.name");
    if (!stored.ok()) return stored.status();
    v1::Point before;
    absl::Status status = Show(stored->point, before);
    if (status.ok()) {
      status = CheckEtag(request.point().etag(), before.etag(), sent_name, "point.etag");
    }
    v1::Point point = before;
    if (status.ok()) status = ApplyUpdate(request.point(), request.update_mask(), point);
    if (status.ok()) status = CheckPoint(point, "point");
    if (status.ok()) status = CheckChannelsKept(before, point, stored->record_count, "point");
    if (!status.ok()) return status;
    const auto updated = db::UpdatePoint(scope.connection, RowOf(point), stored->point.revision);
    if (!updated.ok()) {
      return FromStore(updated.status(), Resource::kPoint, sent_name, "point.name");
    }
    return Show(*updated, response);
  });
}

absl::Status DeletePoint(CallScope& scope, const v1::DeletePointRequest& request,
                         google::protobuf::Empty&) {
  const absl::StatusOr<PointName> name = ParsePointName(request.name());
  if (!name.ok()) return name.status();
  return Change(scope.connection, false, [&]() -> absl::Status {
    const auto stored = db::GetPoint(scope.connection, name->site, name->asset, name->point);
    if (!stored.ok()) return FromStore(stored.status(), Resource::kPoint, request.name(), "name");
    if (absl::Status status = CheckEtag(
            request.etag(), MakeEtag(stored->point_id, stored->revision), request.name(), "etag");
        !status.ok()) {
      return status;
    }
    return FromStore(db::DeletePoint(scope.connection, name->site, name->asset, name->point,
                                     stored->revision, request.force()),
                     Resource::kPoint, request.name(), "name");
  });
}

}  // namespace auscult::server
