#include "server/limit_calls.h"

#include <string>

#include "db/limit_store.h"
#include "db/plant_store.h"
#include "db/stale_store.h"
#include "features/iso20816.h"
#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/etag.h"
#include "server/limit_judgement.h"
#include "server/names.h"
#include "server/plant_rows.h"
#include "server/point_limits.h"
#include "server/store_errors.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

absl::Status Show(const PointScope& scope, const db::LimitsRow& row, v1::PointLimits& response) {
  response.Clear();
  absl::Status status = ReadStoredJson(row.limits, scope.point.name, response);
  if (!status.ok()) return status;
  response.set_name(Concat(scope.point.name, "/limits"));
  const auto zones = features::LimitsFor(*scope.point.machine);
  if (zones) {
    for (const float limit : {zones->ab, zones->bc, zones->cd}) {
      response.add_zone_limits_mm_s(limit);
    }
  }
  if (row.revision != 0) {
    *response.mutable_update_time() = TimeUtil::MicrosecondsToTimestamp(row.update_time_us);
  }
  response.set_etag(MakeEtag(scope.point.point_id, row.revision));
  return absl::OkStatus();
}

// The results that other limits would judge otherwise.
absl::Status MarkLimits(PointScope& scope, const std::string& before, const std::string& now) {
  const auto name = ParsePointName(scope.point.name);
  if (!name.ok()) return name.status();
  const auto row = db::GetAsset(scope.connection(), name->site, name->asset);
  if (!row.ok()) return row.status();
  const absl::StatusOr<v1::Asset> asset = MessageOf(*row);
  if (!asset.ok()) return asset.status();
  const db::StaleChange change{.point = scope.key(),
                               .before = LimitJudgement(before, asset->machine()),
                               .now = LimitJudgement(now, asset->machine())};
  return db::MarkStale(scope.connection(), db::StaleReason::kLimits, std::span(&change, 1),
                       "limits of the point");
}

}  // namespace

absl::Status GetPointLimits(PointScope& scope, const v1::GetPointLimitsRequest&,
                            v1::PointLimits& response) {
  const auto row = db::GetLimits(scope.connection(), scope.key());
  return row.ok() ? Show(scope, *row, response) : row.status();
}

absl::Status SetPointLimits(PointScope& scope, const v1::SetPointLimitsRequest& request,
                            v1::PointLimits& response) {
  absl::Status status = CheckLimits(request.limits(), scope.point.channels, "limits");
  if (!status.ok()) return status;
  v1::PointLimits wanted;
  *wanted.mutable_limits() = request.limits().limits();
  status = Change(scope.connection(), false, [&]() -> absl::Status {
    const auto stored = db::LockLimits(scope.connection(), scope.key());
    if (!stored.ok()) return stored.status();
    absl::Status checked =
        CheckEtag(request.limits().etag(), MakeEtag(scope.point.point_id, stored->revision),
                  request.limits().name(), "limits.etag");
    if (!checked.ok()) return checked;
    const auto row = db::PutLimits(scope.connection(), scope.key(), StoredJson(wanted));
    if (!row.ok()) return row.status();
    const auto marked = MarkLimits(scope, stored->limits, row->limits);
    return marked.ok() ? Show(scope, *row, response) : marked;
  });
  return FromStore(status, Resource::kPoint, scope.point.name, "limits.name");
}

}  // namespace auscult::server
