#include "server/trend_calls.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "db/plant_store.h"
#include "features/feature_set.h"
#include "google/protobuf/util/time_util.h"
#include "server/concat.h"
#include "server/fleet_health.h"
#include "server/health_view.h"
#include "server/names.h"
#include "server/plant_check.h"
#include "server/store_errors.h"
#include "server/time_check.h"
#include "server/trend_series.h"

namespace auscult::server {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kDefaultPeriodUs = 30ll * 86400 * 1'000'000;
constexpr int kDefaultPoints = 1000;
constexpr int kMaxPoints = 100000;
constexpr int kMaxSeries = 64;
// Over all series of one answer, for it travels as one message: 16 MB.
constexpr int64_t kMaxPointsInAll = 800000;
constexpr int kMaxChanges = 1000;

absl::StatusOr<int> PointLimit(const v1::QueryTrendRequest& request) {
  if (request.series_size() > kMaxSeries) {
    return BadField("TOO_MANY_SERIES", "series",
                    Concat("the request names ", request.series_size(), " series"),
                    Concat("ask for at most ", kMaxSeries, " at once"));
  }
  if (request.max_points() < 0) {
    return BadField("BAD_MAX_POINTS", "max_points", Concat("max_points is ", request.max_points()),
                    Concat("send 0 for ", kDefaultPoints, ", or 1 to ", kMaxPoints));
  }
  const int limit =
      request.max_points() == 0 ? kDefaultPoints : std::min(request.max_points(), kMaxPoints);
  const int64_t in_all = int64_t{limit} * std::max(1, request.series_size());
  if (in_all <= kMaxPointsInAll) return limit;
  return BadField(
      "TOO_MANY_POINTS", "max_points",
      Concat(request.series_size(), " series of up to ", limit,
             " points do not fit into one answer"),
      Concat("ask for fewer points or series: at most ", kMaxPointsInAll, " points in all"));
}

std::string SeriesField(int index) { return Concat("series[", index, "]"); }

void Show(std::string name, std::string unit, const db::TrendSeries& read, v1::Series& series) {
  series.set_name(std::move(name));
  series.set_unit(std::move(unit));
  series.mutable_time_us()->Assign(read.time_us.begin(), read.time_us.end());
  series.mutable_value()->Assign(read.value.begin(), read.value.end());
  series.mutable_min()->Assign(read.min.begin(), read.min.end());
  series.mutable_max()->Assign(read.max.begin(), read.max.end());
  series.set_record_count(read.record_count);
}

absl::Status AddChanges(CallScope& scope, const DirectoryEntry& point, db::Period period,
                        v1::QueryTrendResponse& response) {
  auto events =
      db::QueryEvents(scope.connection, point.asset_id, point.point_id, period, kMaxChanges);
  if (!events.ok()) return events.status();
  std::sort(events->begin(), events->end(),
            [](const db::ConditionEvent& a, const db::ConditionEvent& b) {
              return a.measured_at_us < b.measured_at_us;
            });
  for (const db::ConditionEvent& event : *events) {
    v1::ConditionChange& change = *response.add_changes();
    *change.mutable_time() = TimeUtil::MicrosecondsToTimestamp(event.measured_at_us);
    change.set_from(ConditionOf(event.from_condition));
    change.set_to(ConditionOf(event.to_condition));
    change.set_verdict(FaultOf(event.verdict));
    change.set_summary(event.summary);
  }
  return absl::OkStatus();
}

absl::Status QueryPoint(CallScope& scope, const v1::QueryTrendRequest& request,
                        const DirectoryEntry& point, db::Period period, int max_points,
                        v1::QueryTrendResponse& response) {
  std::vector<std::string> names(request.series().begin(), request.series().end());
  if (names.empty()) names = {"health"};
  std::vector<PointSeries> wanted;
  for (size_t i = 0; i < names.size(); ++i) {
    auto series = FindPointSeries(names[i], point, SeriesField(static_cast<int>(i)));
    if (!series.ok()) return series.status();
    wanted.push_back(*std::move(series));
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (absl::Status status = scope.still_wanted(); !status.ok()) return status;
    const auto read = db::QueryPointTrend(scope.connection, point.asset_id, point.point_id,
                                          wanted[i].selection, period, max_points);
    if (!read.ok()) return read.status();
    Show(names[i], wanted[i].unit, *read, *response.add_series());
  }
  return AddChanges(scope, point, period, response);
}

absl::Status QueryAsset(CallScope& scope, const v1::QueryTrendRequest& request, db::Period period,
                        int max_points, v1::QueryTrendResponse& response) {
  const absl::StatusOr<AssetName> name = ParseAssetName(request.name());
  if (!name.ok()) return name.status();
  const auto asset = db::GetAsset(scope.connection, name->site, name->asset);
  if (!asset.ok()) return FromStore(asset.status(), Resource::kAsset, request.name(), "name");
  const auto known = db::ListReadingQuantities(scope.connection, asset->asset_id);
  if (!known.ok()) return known.status();
  std::vector<std::string> names(request.series().begin(), request.series().end());
  for (size_t i = 0; i < names.size(); ++i) {
    if (absl::Status status = CheckReadingName(names[i], *known, SeriesField(static_cast<int>(i)));
        !status.ok()) {
      return status;
    }
  }
  // An asset has no series of its own to fall back on: show what it has.
  if (names.empty())
    names.assign(known->begin(), known->begin() + std::min<std::ptrdiff_t>(
                                                      static_cast<std::ptrdiff_t>(known->size()),
                                                      kMaxPointsInAll / max_points));
  for (const std::string& quantity : names) {
    if (absl::Status status = scope.still_wanted(); !status.ok()) return status;
    const auto read =
        db::QueryReadings(scope.connection, asset->asset_id, quantity, period, max_points);
    if (!read.ok()) return read.status();
    Show(quantity, ReadingUnit(quantity), *read, *response.add_series());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<db::Period> PeriodOf(const v1::QueryTrendRequest& request, int64_t now_us) {
  db::Period period{.start_us = 0, .end_us = now_us};
  if (request.has_end_time()) {
    const absl::StatusOr<int64_t> end_us = CheckTime(request.end_time(), "end_time");
    if (!end_us.ok()) return end_us.status();
    period.end_us = *end_us;
  }
  period.start_us = period.end_us - kDefaultPeriodUs;
  if (request.has_start_time()) {
    const absl::StatusOr<int64_t> start_us = CheckTime(request.start_time(), "start_time");
    if (!start_us.ok()) return start_us.status();
    period.start_us = *start_us;
  }
  if (period.start_us < period.end_us) return period;
  return BadField("EMPTY_PERIOD", "start_time", "start_time is not before end_time",
                  "send a start_time before the end_time, which is now where it is left out");
}

bool IsPointName(std::string_view name) { return name.find("/points/") != std::string_view::npos; }

absl::Status QueryTrend(CallScope& scope, const v1::QueryTrendRequest& request,
                        const DirectoryEntry* point, v1::QueryTrendResponse& response) {
  const absl::StatusOr<db::Period> period = PeriodOf(request, NowUs());
  if (!period.ok()) return period.status();
  const absl::StatusOr<int> max_points = PointLimit(request);
  if (!max_points.ok()) return max_points.status();
  return point == nullptr ? QueryAsset(scope, request, *period, *max_points, response)
                          : QueryPoint(scope, request, *point, *period, *max_points, response);
}

}  // namespace auscult::server
